import type { Token } from "./highlighting.ts";

/** A part of a line in one colour. */
export interface Piece {
  /** In the whole text. */
  start: number;
  text: string;
  scope: string | null;
}

/** A part of a text by its colours. `tokens` are in order and do not overlap; what none covers has no colour. */
export function piecesOf(text: string, tokens: readonly Token[], start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  const add = (from: number, to: number, scope: string | null): void => {
    if (to > from) pieces.push({ start: from, text: text.slice(from, to), scope });
  };
  let at = start;
  for (let index = firstEndingAfter(tokens, start); index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined || token.start >= end) break;
    add(at, Math.max(at, token.start), null);
    add(Math.max(at, token.start), Math.min(end, token.end), token.scope);
    at = Math.max(at, Math.min(end, token.end));
  }
  add(at, end, null);
  return pieces;
}

function firstEndingAfter(tokens: readonly Token[], position: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tokens[middle]?.end ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
