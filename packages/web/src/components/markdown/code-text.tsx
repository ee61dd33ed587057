import { useEffect, useState, type ReactNode } from "react";
import "./code-text.css";
import type { Piece } from "./highlighting.ts";

/** Above this many characters (it takes about a frame for 20,000) code is shown as it is. */
const mostHighlighted = 50_000;

/** Code in the colours of its language, which come when the highlighter is loaded. */
export function CodeText({
  code,
  language,
  complete,
}: {
  code: string;
  language: string;
  complete: boolean;
}) {
  const [coloured, setColoured] = useState<{ code: string; pieces: Piece[] } | null>(null);
  const wanted = complete && language !== "" && code.length <= mostHighlighted;
  useEffect(() => {
    if (!wanted) return;
    let shown = true;
    const colour = async () => {
      const { highlight } = await import("./highlighting.ts");
      const pieces = highlight(code, language);
      if (shown && pieces !== null) setColoured({ code, pieces });
    };
    // Without its colours (the hub is away) code is as readable as before.
    colour().catch((error: unknown) => console.info("Code stays without colours:", error));
    return () => {
      shown = false;
    };
  }, [code, language, wanted]);
  return coloured?.code === code ? drawn(coloured.pieces) : code;
}

function drawn(pieces: readonly Piece[]): ReactNode[] {
  return pieces.map((piece, index) =>
    typeof piece === "string" ? (
      piece
    ) : (
      // Pieces never change their places.
      // oxlint-disable-next-line react/no-array-index-key
      <span key={index} className={piece.classes}>
        {drawn(piece.pieces)}
      </span>
    ),
  );
}
