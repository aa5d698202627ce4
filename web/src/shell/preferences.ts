/**
 * How a person wants their screens: in this browser at once, and on the server so that it follows them to the next one.
 * What only one browser knows (that the glass is dimmed) ends with its session.
 */
import { create } from "zustand";
import { keepSettings, readSettings } from "../api/access";
import { onReachable, Problem, UNREACHABLE } from "../api/client";
import type { Settings } from "../api/types";
import { setLanguage, type Language } from "../i18n";
import { bindings } from "../viewer/keys";
import { setQueued } from "./connection";

export type Theme = "dark" | "light";
export type Density = NonNullable<Settings["density"]>;
export type Motion = NonNullable<Settings["motion"]>;

const THEME = "hemalum.theme";
const STORED = "hemalum.settings";
const DIMMED = "hemalum.dimmed";
const TELL_AFTER_MS = 400;
const NOTHING: Settings = { language: null, theme: null, density: null, motion: null, wheel: { inverted: false, speed: 1 }, slow_link: null, keys: {}, channel_presets: [] };

interface Stored {
  /** Whose settings these are; null before anybody was seen to sign in. */
  person: string | null;
  settings: Settings;
  /** Whether the server does not know them yet. */
  unsent: boolean;
}

interface Preferences {
  theme: Theme;
  settings: Settings;
  dimmed: boolean;
  setTheme: (theme: Theme) => void;
  change: (patch: Partial<Settings>) => void;
  setDimmed: (dimmed: boolean) => void;
}

function firstTheme(): Theme {
  return localStorage.getItem(THEME) === "light" ? "light" : "dark";
}

function readStored(): Stored {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? "null") as Partial<Stored> | null;
    if (kept?.settings) return { person: kept.person ?? null, unsent: kept.unsent === true, settings: { ...NOTHING, ...kept.settings } };
  } catch {
    // Somebody else's key, or a half-written one: as if there were none.
  }
  return { person: null, unsent: false, settings: NOTHING };
}

let stored = readStored();
let timer: ReturnType<typeof setTimeout> | undefined;

function show(theme: Theme, settings: Settings, dimmed: boolean): void {
  const { dataset } = document.documentElement;
  dataset["theme"] = theme;
  dataset["density"] = settings.density ?? "";
  dataset["motion"] = settings.motion ?? "";
  dataset["dimmed"] = dimmed ? "yes" : "";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", theme === "dark" ? "#121313" : "#f6f5f2");
}

export const usePreferences = create<Preferences>((set, get) => {
  const theme = firstTheme();
  const dimmed = sessionStorage.getItem(DIMMED) === "1";
  show(theme, stored.settings, dimmed);
  bindings.load(stored.settings.keys);
  return {
    theme,
    settings: stored.settings,
    dimmed,
    setTheme: (next) => { get().change({ theme: next }); },
    change: (patch) => {
      keep({ ...stored, settings: { ...stored.settings, ...patch }, unsent: stored.person !== null });
      adopt();
      clearTimeout(timer);
      timer = setTimeout(() => void tell(), TELL_AFTER_MS);
    },
    setDimmed: (next) => {
      sessionStorage.setItem(DIMMED, next ? "1" : "0");
      set({ dimmed: next });
      show(get().theme, stored.settings, next);
    },
  };
});

function keep(next: Stored): void {
  stored = next;
  localStorage.setItem(STORED, JSON.stringify(next));
  setQueued("settings", next.unsent ? 1 : 0);
}

/** Puts what is stored into force. */
function adopt(): void {
  const { settings } = stored;
  const theme = settings.theme ?? usePreferences.getState().theme;
  localStorage.setItem(THEME, theme);
  usePreferences.setState({ theme, settings });
  show(theme, settings, usePreferences.getState().dimmed);
  if (JSON.stringify(bindings.save()) !== JSON.stringify(settings.keys)) bindings.load(settings.keys);
}

let telling = false;

async function tell(): Promise<void> {
  if (!stored.unsent || telling) return;
  const { settings } = stored;
  telling = true;
  try {
    await keepSettings(settings);
  } catch (error) {
    // What the server refuses it would refuse again. A lost line comes back.
    if (!(error instanceof Problem) || error.status === UNREACHABLE || error.status >= 500) return;
  } finally {
    telling = false;
  }
  if (stored.settings === settings) keep({ ...stored, unsent: false });
}

onReachable((reachable) => {
  if (!reachable || !stored.unsent || telling) return;
  clearTimeout(timer);
  timer = setTimeout(() => void tell(), TELL_AFTER_MS);
});

/** A visitor of a demo node: what they choose stays in this browser. */
export function settingsStayHere(): void {
  keep({ ...stored, person: null, unsent: false });
}

/** Somebody is signed in: what they chose before, in any browser, holds from now on. */
export async function settingsOf(person: string): Promise<void> {
  if (stored.person !== person) keep({ person, settings: stored.person === null ? stored.settings : NOTHING, unsent: false });
  if (stored.unsent) return tell();
  try {
    const settings = await readSettings();
    if (stored.unsent || stored.person !== person) return;
    keep({ person, settings: { ...NOTHING, ...settings }, unsent: false });
    adopt();
    if (settings.language) await setLanguage(settings.language as Language);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

export const reducedMotion = () => {
  const chosen = usePreferences.getState().settings.motion;
  return chosen == null ? window.matchMedia("(prefers-reduced-motion: reduce)").matches : chosen === "reduced";
};

export const wheelOf = ({ wheel }: Settings) => ({ inverted: wheel?.inverted ?? false, speed: wheel?.speed ?? 1 });
