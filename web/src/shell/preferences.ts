/** What a person chose for this browser, kept in it. */
import { create } from "zustand";

export type Theme = "dark" | "light";
const STORED = "hemalum.theme";

function firstTheme(): Theme {
  return localStorage.getItem(STORED) === "light" ? "light" : "dark";
}

function show(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", theme === "dark" ? "#121313" : "#f6f5f2");
}

interface Preferences {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

export const usePreferences = create<Preferences>((set) => {
  const theme = firstTheme();
  show(theme);
  return {
    theme,
    setTheme: (next) => {
      localStorage.setItem(STORED, next);
      show(next);
      set({ theme: next });
    },
  };
});

export const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
