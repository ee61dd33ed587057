import type { KeyboardEvent } from "react";

/** A line of a tree as it is shown now. */
export interface TreeLine {
  depth: number;
  /** Null: there is nothing below it. */
  open: boolean | null;
}

export interface TreeKeysOptions {
  lines: readonly TreeLine[];
  /** Index of the line that the keys are about. */
  active: number;
  move: (index: number) => void;
  fold: (index: number, open: boolean) => void;
  choose: (index: number) => void;
}

/**
 * The keys of a tree: arrows move, open and close, Home and End go to its ends, Enter and space choose.
 * Source: WAI-ARIA Authoring Practices, tree view.
 */
export function onTreeKey(
  event: KeyboardEvent,
  { lines, active, move, fold, choose }: TreeKeysOptions,
): void {
  const current = lines[active];
  if (current === undefined) return;
  const to = (index: number) => move(Math.max(0, Math.min(lines.length - 1, index)));
  const parent = () => lines.findLastIndex(({ depth }, at) => at < active && depth < current.depth);
  const actions: Record<string, () => void> = {
    ArrowDown: () => to(active + 1),
    ArrowUp: () => to(active - 1),
    Home: () => to(0),
    End: () => to(lines.length - 1),
    ArrowRight: () => (current.open === false ? fold(active, true) : to(active + 1)),
    ArrowLeft: () => (current.open === true ? fold(active, false) : to(parent())),
    Enter: () => choose(active),
    " ": () => choose(active),
  };
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}
