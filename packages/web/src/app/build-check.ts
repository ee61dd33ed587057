import { useSyncExternalStore } from "react";

/*
 * A hub that was replaced by another version serves other files than this page was begun with: what it has not
 * loaded yet is gone.
 */

const partMissing =
  "This part of the page could not be loaded: the hub is away, or it was replaced by another version of Hearth.";

let outdated = false;
const listeners = new Set<() => void>();

/** Whether the hub serves another page by now than the one that is shown. */
export function useOutdated(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => outdated,
  );
}

/** Asks the hub whether its page still begins with the script that this one began with. */
export async function checkBuild(): Promise<void> {
  const entry = document.querySelector("script[type=module][src]")?.getAttribute("src") ?? "";
  // While it is developed the page is not built.
  if (!entry.includes("/assets/")) return;
  try {
    const response = await fetch(location.pathname, { cache: "no-store", headers: { accept: "text/html" } });
    if (!response.ok || (await response.text()).includes(entry)) return;
  } catch {
    // Nobody answers: the live connection tells that.
    return;
  }
  outdated = true;
  for (const listener of listeners) listener();
}

/** Whether an error is that of a file of the page that could not be loaded. */
export function isMissingPart(error: unknown): boolean {
  return error instanceof Error && error.message === partMissing;
}

/**
 * Tells of files that could not be loaded. The router would load the document anew at once: while the hub is away
 * that would lose the page with all that was typed on it, so that it gets an error which it does not know.
 */
export function watchMissingParts(): void {
  addEventListener("vite:preloadError", ({ payload }) => {
    payload.message = partMissing;
    void checkBuild();
  });
}

/** Loads the page anew at its address once the hub answers; false when nobody does. */
export async function reloadPage(): Promise<boolean> {
  try {
    await fetch(location.pathname, { cache: "no-store" });
  } catch {
    return false;
  }
  location.reload();
  return true;
}
