import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { navigation } from "../navigation.ts";
import { readKey, type Waiting } from "./key-sequence.ts";
import { pressOnPage } from "./page-shortcuts.ts";

export interface ShortcutActions {
  openPalette: () => void;
  openHelp: () => void;
}

/** Listens to keys for as long as the page is open: never while something is typed or a dialog asks. */
export function useShortcuts({ openPalette, openHelp }: ShortcutActions): void {
  const navigate = useNavigate();
  const waiting = useRef<Waiting | null>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return;
      if (isPaletteKey(event)) {
        if (dialogIsOpen()) return;
        event.preventDefault();
        openPalette();
        return;
      }
      // Shift is pressed for the sake of another key.
      if (event.key === "Shift") return;
      const single = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!single || isTyping(event) || dialogIsOpen()) {
        waiting.current = null;
        return;
      }
      const step = readKey(waiting.current, event.key, event.timeStamp);
      waiting.current = step.kind === "wait" ? step.waiting : null;
      if (step.kind === "go") {
        const room = navigation.find(({ key }) => key === step.key);
        if (room === undefined) return;
        event.preventDefault();
        void navigate({ to: room.to });
      } else if (step.kind === "single" && step.key === "?") {
        event.preventDefault();
        openHelp();
      } else if (step.kind === "single") {
        // The field that gets the focus must not get the key, too.
        if (pressOnPage(step.key)) event.preventDefault();
        else if (step.key === "/") {
          event.preventDefault();
          openPalette();
        }
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, openPalette, openHelp]);
}

function isPaletteKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === "k" && ctrlKey !== metaKey && !altKey && !shiftKey;
}

function dialogIsOpen(): boolean {
  return [...document.querySelectorAll("[role=dialog]")].some((one) => one.checkVisibility());
}

const pressed = new Set(["button", "checkbox", "radio", "submit", "reset", "range", "color"]);

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (target instanceof HTMLInputElement) return !pressed.has(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLElement && target.isContentEditable;
}
