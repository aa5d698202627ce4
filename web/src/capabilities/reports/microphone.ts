/** Records what is said into the microphone, in the first form that the browser knows. */
import type { Recorder } from "./dictation";

/** There is no microphone, or it may not be used. */
export class NoMicrophone extends Error {}

const FORMS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
/** Enough for speech. */
const BITS_PER_SECOND = 32_000;

export async function record(): Promise<Recorder> {
  // Without HTTPS browsers have none.
  if (!("mediaDevices" in navigator) || typeof MediaRecorder === "undefined") throw new NoMicrophone();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } }).catch(() => {
    throw new NoMicrophone();
  });
  const release = () => { for (const track of stream.getTracks()) track.stop(); };
  const mimeType = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_PER_SECOND, ...(mimeType ? { mimeType } : {}) });
  const parts: Blob[] = [];
  const ended = new Promise<Blob>((done) => {
    recorder.ondataavailable = ({ data }) => { parts.push(data); };
    recorder.onstop = () => {
      release();
      done(new Blob(parts, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  return {
    stop: () => {
      if (recorder.state !== "inactive") recorder.stop();
      return ended;
    },
    drop: () => {
      if (recorder.state !== "inactive") recorder.stop();
      release();
    },
  };
}
