import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { navigation } from "./navigation.ts";

/** A page whose heading does not come in this time keeps the focus where it is. */
const patienceMs = 10_000;

/**
 * Another page: its name stands in the browser's tab, and the focus goes to its heading, which is how assistive
 * technology tells that something else is shown. A filter or a tab of the same page is no other page.
 */
export function useRouteFocus(): void {
  const router = useRouter();
  useEffect(() => {
    let waiting = new AbortController();
    const began = router.subscribe("onBeforeNavigate", ({ pathChanged, fromLocation, toLocation }) => {
      waiting.abort();
      if (!pathChanged || fromLocation === undefined) return;
      // Until the page names itself, and where it cannot be shown.
      document.title = titleOf(toLocation.pathname);
    });
    const ended = router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
      if (!pathChanged || fromLocation === undefined) return;
      waiting = new AbortController();
      focusHeading(AbortSignal.any([waiting.signal, AbortSignal.timeout(patienceMs)]));
    });
    return () => {
      began();
      ended();
      waiting.abort();
    };
  }, [router]);
}

function titleOf(path: string): string {
  const room = navigation.find(({ to }) => to !== "/" && path.startsWith(to));
  return room === undefined ? "Hearth" : `${room.label} · Hearth`;
}

function focusHeading(signal: AbortSignal): void {
  const done = new AbortController();
  const attempt = (): void => {
    const heading = document.querySelector<HTMLElement>("main h1");
    if (heading === null) return;
    done.abort();
    // Whoever is in a field or a dialog of the new page already is where they want to be.
    const { activeElement } = document;
    if ((activeElement?.closest("main, [role=dialog]") ?? null) !== null && activeElement?.id !== "content")
      return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  };
  const watch = new MutationObserver(attempt);
  const ended = AbortSignal.any([signal, done.signal]);
  ended.addEventListener("abort", () => watch.disconnect(), { once: true });
  watch.observe(document.body, { childList: true, subtree: true });
  attempt();
}
