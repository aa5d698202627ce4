import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format";
import { useSay } from "../../../i18n/sentences";
import { Button, IconButton, Meter } from "../../../ui/controls";
import { Icon } from "../../../ui/icons";
import { useMe } from "../../access/me";
import {
  cancelUpload,
  clearFinished,
  doneOf,
  giveFile,
  pauseUpload,
  restartUpload,
  resumeUpload,
  speedOf,
  uploadsOf,
  useUploads,
  type UploadEntry,
} from "./store";
import type { UploadState } from "./tus";

function useStateText(): (entry: UploadEntry) => string {
  const { t } = useTranslation();
  const say = useSay();
  const { bytes, duration, percent } = useFormats();
  return (entry) => {
    const state: UploadState = entry.state;
    if (state.kind === "failed") {
      if (state.error !== "refused") return t(`upload.error.${state.error}`);
      return state.said ? say(state.said) : t("upload.failed");
    }
    if (state.kind === "paused" && entry.file === null)
      return t("upload.interrupted", { percent: percent(entry.size ? state.done / entry.size : 0) });
    if (state.kind === "verified") return `${t("upload.verified")} · ${bytes(entry.size)}`;
    const speed = speedOf(entry);
    const parts: string[] = [t(`upload.${state.kind}`)];
    if ("done" in state) parts.push(t("progress.of", { done: bytes(state.done), total: bytes(entry.size) }));
    if (speed) parts.push(t("upload.speed", { speed: bytes(speed) }), t("upload.remaining", { time: duration((entry.size - doneOf(entry)) / speed) }));
    return parts.join(" · ");
  };
}

function Entry({ entry }: { entry: UploadEntry }) {
  const { t } = useTranslation();
  const { bytes } = useFormats();
  const stateText = useStateText();
  const chooser = useRef<HTMLInputElement>(null);
  const [other, setOther] = useState(false);
  const kind = entry.state.kind;
  const moving = kind === "sending" || kind === "checking" || kind === "retrying" || kind === "waiting";
  const id = entry.id;
  return (
    <li className={`upload ${kind}`}>
      <Icon name={kind === "verified" ? "check" : kind === "failed" ? "warning" : "file"} />
      <div className="upload-text">
        <span className="name" title={entry.name}>
          {entry.name}
        </span>
        {kind !== "verified" && kind !== "failed" && <Meter label={entry.name} done={doneOf(entry)} total={entry.size} />}
        <span className="second">{other ? t("upload.notSame", { name: entry.name, size: bytes(entry.size) }) : stateText(entry)}</span>
      </div>
      <div className="upload-actions">
        {moving && <IconButton icon="pause" label={t("upload.pause")} onPress={() => { pauseUpload(id); }} />}
        {kind === "paused" && entry.file && <IconButton icon="play" label={t("upload.resume")} onPress={() => { resumeUpload(id); }} />}
        {kind === "paused" && !entry.file && (
          <>
            <Button onPress={() => chooser.current?.click()}>{t("upload.chooseAgain")}</Button>
            <input
              ref={chooser}
              type="file"
              hidden
              aria-label={t("upload.chooseAgain")}
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) setOther(!giveFile(id, file));
              }}
            />
          </>
        )}
        {kind === "failed" && entry.file && <IconButton icon="retry" label={t("action.retry")} onPress={() => { restartUpload(id); }} />}
        <IconButton
          icon="close"
          label={kind === "verified" || kind === "failed" ? t("upload.remove") : t("upload.cancel")}
          onPress={() => { cancelUpload(id); }}
        />
      </div>
    </li>
  );
}

export function UploadPanel() {
  const { t } = useTranslation();
  const { number } = useFormats();
  const { entries, open, setOpen } = useUploads();
  const person = useMe().data?.person_id;
  useEffect(() => {
    if (person !== undefined) uploadsOf(person);
  }, [person]);
  if (entries.length === 0) return null;
  const done = entries.filter((entry) => entry.state.kind === "verified").length;
  return (
    <section className="uploads" aria-label={t("upload.title")}>
      <div className="uploads-head">
        <h2>{t("upload.title")}</h2>
        <span className="second" role="status">
          {t("upload.summary", { done: number(done), total: number(entries.length) })}
        </span>
        <span className="spring" />
        {done > 0 && (
          <Button look="quiet" onPress={clearFinished}>
            {t("upload.clear")}
          </Button>
        )}
        <Button look="quiet" aria-expanded={open} onPress={() => { setOpen(!open); }}>
          {t(open ? "upload.hide" : "upload.show")}
        </Button>
      </div>
      {open && (
        <ul>
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}
