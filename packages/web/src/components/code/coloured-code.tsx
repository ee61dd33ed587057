import "./code-colors.css";
import type { Token } from "./highlighting.ts";
import { piecesOf } from "./token-pieces.ts";

export interface ColouredCodeProps {
  text: string;
  /** Of the whole text. */
  tokens: readonly Token[];
  /** The part that is shown. Default: all of it. */
  start?: number;
  end?: number;
}

/** Code in the colours of its language; it stays text on its whole way. */
export function ColouredCode({ text, tokens, start = 0, end = text.length }: ColouredCodeProps) {
  return piecesOf(text, tokens, start, end).map((piece) =>
    piece.scope === null ? (
      piece.text
    ) : (
      <span key={piece.start} data-scope={piece.scope}>
        {piece.text}
      </span>
    ),
  );
}
