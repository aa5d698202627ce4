import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../../shell/preferences";
import { Button, Dialog, IconButton } from "../../../ui/controls";
import { DRAWING_KEYS } from "../../../viewer/annotate/keys";
import { chordOf, spellChord } from "../../../viewer/bindings";
import { bindings, type ViewerAction } from "../../../viewer/keys";
import { useBindings } from "./use_viewer_keys";

const LIBRARY_KEYS = [
  ["keys.next", "J ↓"],
  ["keys.previous", "K ↑"],
  ["keys.open", "Enter"],
  ["keys.search", "/"],
  ["keys.ends", "Home  End"],
] as const;

/** What somebody is about to give an action, and whose it was. */
interface Wanted {
  action: ViewerAction;
  chord: string | null;
}

const isTool = (action: ViewerAction) => action.startsWith("tool.");
const nameOf = (action: ViewerAction) => (action === "library" ? ("keys.escape" as const) : (`keys.${action}` as const));

/** All keys; each can be changed here, and is then the same wherever one signs in. */
export function KeyMap({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  useBindings();
  const change = usePreferences((state) => state.change);
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [problem, setProblem] = useState("");
  const keep = () => { change({ keys: bindings.save() }); };
  const waiting = wanted?.chord === null ? wanted.action : null;
  const loser = wanted?.chord == null ? null : bindings.actionOf(wanted.chord);
  useEffect(() => {
    if (!isOpen) setWanted(null);
  }, [isOpen]);
  useEffect(() => {
    if (waiting === null) return;
    const onKey = (event: KeyboardEvent) => {
      const chord = chordOf(event);
      if (chord === null || chord === "Tab" || chord === "Shift+Tab") return;
      event.preventDefault();
      event.stopPropagation();
      if (chord === "Escape") {
        setWanted(null);
        return;
      }
      if (!bindings.mayHave(waiting, [chord])) {
        setProblem(t("keys.fixed", { keys: spellChord(chord) }));
        return;
      }
      setProblem("");
      const taken = bindings.actionOf(chord);
      if (taken !== null && taken !== waiting) {
        setWanted({ action: waiting, chord });
        return;
      }
      bindings.bind(waiting, chord);
      change({ keys: bindings.save() });
      setWanted(null);
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => { window.removeEventListener("keydown", onKey, { capture: true }); };
  }, [waiting, change, t]);
  const take = (file: File | undefined) => {
    void file?.text().then((text) => {
      try {
        setProblem(bindings.load(JSON.parse(text)) ? "" : t("keys.importPartly"));
        keep();
      } catch {
        setProblem(t("keys.importFailed"));
      }
    });
  };
  const isChanged = bindings.actions.some((action) => bindings.isChanged(action));
  const row = (action: ViewerAction) => (
    <div key={action} className={bindings.isChanged(action) ? "changed" : ""}>
      <dt>
        <button
          type="button"
          className="key"
          aria-label={t("keys.changeOf", { name: t(nameOf(action)), keys: bindings.chordsOf(action).map(spellChord).join(", ") || t("keys.none") })}
          onClick={() => { setWanted({ action, chord: null }); }}
        >
          {waiting === action ? (
            <span role="status">{t("keys.press")}</span>
          ) : (
            bindings.chordsOf(action).map((chord) => <kbd key={chord}>{spellChord(chord)}</kbd>)
          )}
          {waiting !== action && bindings.chordsOf(action).length === 0 && <span className="second">{t("keys.none")}</span>}
        </button>
      </dt>
      <dd>
        {t(nameOf(action))}
        {bindings.isChanged(action) && (
          <IconButton
            icon="retry"
            label={t("keys.resetOf", { name: t(nameOf(action)) })}
            onPress={() => {
              bindings.reset(action);
              keep();
            }}
          />
        )}
        {wanted?.action === action && wanted.chord !== null && loser && (
        <div className="notice warn conflict" role="alert">
          {t("keys.conflict", { keys: spellChord(wanted.chord), name: t(nameOf(loser)) })}
          <Button
            onPress={() => {
              bindings.bind(action, wanted.chord ?? "");
              keep();
              setWanted(null);
            }}
          >
            {t("keys.take")}
          </Button>
          <Button look="quiet" onPress={() => { setWanted(null); }}>
            {t("action.cancel")}
          </Button>
        </div>
      )}
      </dd>
    </div>
  );
  return (
    <Dialog title={t("keys.title")} isOpen={isOpen} onClose={onClose}>
      {/* On a small screen it scrolls, and then keys must reach it. */}
      <div className="key-map" tabIndex={0}>
        {problem !== "" && (
          <p className="notice warn key-problem" role="alert">
            {problem}
          </p>
        )}
        <section>
          <h3>{t("keys.viewer")}</h3>
          <p className="second">{t("keys.change")}</p>
          <dl>
            {bindings.actions.filter((action) => !isTool(action)).map(row)}
          </dl>
          <p className="second">{t("keys.scale")}</p>
        </section>
        <section>
          <h3>{t("keys.annotate")}</h3>
          <dl>
            {bindings.actions.filter(isTool).map(row)}
            {DRAWING_KEYS.map(({ action, keys }) => (
              <div key={action}>
                <dt>
                  {keys.split(" ").map((chord) => (
                    <kbd key={chord}>{spellChord(chord)}</kbd>
                  ))}
                </dt>
                <dd>{t(`keys.${action}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>{t("keys.library")}</h3>
          <dl>
            {LIBRARY_KEYS.map(([key, keys]) => (
              <div key={key}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{t(key)}</dd>
              </div>
            ))}
          </dl>
          <h3>{t("keys.gamepad")}</h3>
          <p className="second">{t("keys.gamepadHow")}</p>
          <h3>{t("keys.touch")}</h3>
          <p className="second">{t("keys.touchHow")}</p>
          <div className="key-files">
            <a className="button" download="hemalum-keys.json" href={`data:application/json,${encodeURIComponent(JSON.stringify(bindings.save(), null, 2))}`}>
              {t("keys.export")}
            </a>
            <label className="button">
              {t("keys.import")}
              <input type="file" accept="application/json,.json" className="visually-hidden" onChange={(event) => { take(event.target.files?.[0]); }} />
            </label>
            <Button
              isDisabled={!isChanged}
              onPress={() => {
                bindings.reset();
                keep();
              }}
            >
              {t("keys.reset")}
            </Button>
          </div>
        </section>
      </div>
    </Dialog>
  );
}
