/** Light or dark: as the system says, until the person chooses. */
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useSyncExternalStore } from "react";

const KEY = "slipher.theme";
const listeners = new Set<() => void>();
let dark = false;

function set(value: boolean): void {
  dark = value;
  applyMode(dark ? Mode.Dark : Mode.Light);
  for (const listener of listeners) listener();
}

export function startTheme(): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = localStorage.getItem(KEY);
  set(chosen ? chosen === "dark" : system.matches);
  system.addEventListener("change", (event) => {
    if (!localStorage.getItem(KEY)) set(event.matches);
  });
}

export function toggleTheme(): void {
  localStorage.setItem(KEY, dark ? "light" : "dark");
  set(!dark);
}

export function useDark(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => dark,
  );
}
