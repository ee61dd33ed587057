import { Box } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { ColouredCode } from "../../../../components/code/coloured-code.tsx";
import { useTokens } from "../../../../components/code/use-tokens.ts";
import classes from "./code-view.module.css";
import { linesOf } from "./file-text.ts";

const lineHeight = 20;
/** Text is coloured as a whole, which takes a moment; longer ones stay plain. */
const mostColoured = 300_000;
/** So many lines are in the document together, and the browser's own search finds what is in them. */
const linesDrawn = 2_000;

export interface CodeViewProps {
  text: string;
  /** One of highlight.js; null: nothing is coloured. */
  language: string | null;
}

/** A text with the numbers of its lines, coloured by its language. */
export function CodeView({ text, language }: CodeViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => linesOf(text), [text]);
  const tokens = useTokens(text, text.length <= mostColoured ? language : null);
  // Its functions are used here only, and nothing is memoised by them.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => lineHeight,
    overscan: lines.length <= linesDrawn ? linesDrawn : 40,
  });
  const digits = String(lines.findLast(({ number }) => number !== null)?.number ?? 1).length;
  return (
    <Box ref={place} className={classes["view"]} tabIndex={0} role="group" aria-label="Text of the file">
      <div style={{ position: "relative", height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index];
          if (line === undefined) return null;
          return (
            <div key={key} className={classes["line"]} style={{ transform: `translateY(${start}px)` }}>
              <span className={classes["number"]} style={{ minWidth: `${digits}ch` }} aria-hidden>
                {line.number}
              </span>
              <code className={classes["text"]}>
                <ColouredCode text={text} tokens={tokens} start={line.start} end={line.end} />
              </code>
            </div>
          );
        })}
      </div>
    </Box>
  );
}
