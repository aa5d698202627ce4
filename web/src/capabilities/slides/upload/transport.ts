/** HTTP for uploads: XMLHttpRequest, because `fetch` does not tell how much was sent. */

export interface Answer {
  status: number;
  header: (name: string) => string | null;
  body: string;
}

export interface Send {
  method: "POST" | "PATCH" | "HEAD" | "GET" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: Blob;
  onSent?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** Rejects only when no answer came. */
export type Transport = (send: Send) => Promise<Answer>;

export const xhrTransport: Transport = ({ method, url, headers, body, onSent, signal }) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.addEventListener("progress", (event) => onSent?.(event.loaded));
    xhr.addEventListener("load", () => {
      resolve({ status: xhr.status, header: (name) => xhr.getResponseHeader(name), body: xhr.responseText });
    });
    const fail = () => {
      reject(new Error("No answer."));
    };
    xhr.addEventListener("error", fail);
    xhr.addEventListener("abort", fail);
    xhr.addEventListener("timeout", fail);
    const abort = () => { xhr.abort(); };
    signal?.addEventListener("abort", abort);
    // The signal outlives this request: an upload has one for all of its chunks.
    xhr.addEventListener("loadend", () => { signal?.removeEventListener("abort", abort); });
    xhr.send(body ?? null);
  });
