import { Box, Code } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

const lineHeight = 20;

export interface LogLinesProps {
  label: string;
  lines: readonly string[];
  /** Whether the end stays in view as lines come. */
  follow: boolean;
  /** Told when a reader scrolls away from the end, or back to it. */
  onFollow: (follow: boolean) => void;
  /** The line to be in view; null: none. */
  marked: number | null;
}

/** The lines themselves; only those that are seen are drawn. */
export function LogLines({ label, lines, follow, onFollow, marked }: LogLinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  // Its functions are used here only, and nothing is memoised by them.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  useEffect(() => {
    if (follow && place.current !== null) place.current.scrollTop = place.current.scrollHeight;
  }, [lines.length, follow]);
  useEffect(() => {
    const box = place.current;
    if (marked !== null && box !== null) box.scrollTop = marked * lineHeight - box.clientHeight / 2;
  }, [marked]);
  return (
    <Box
      ref={place}
      role="log"
      aria-label={label}
      tabIndex={0}
      mah={320}
      bd="1px solid var(--mantine-color-default-border)"
      style={{ overflow: "auto", borderRadius: "var(--mantine-radius-md)" }}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        const atEnd = scrollHeight - scrollTop - clientHeight < lineHeight;
        // Lines that come move nothing; only who scrolls up is reading.
        if (atEnd !== follow && (atEnd || scrollTop < top.current)) onFollow(atEnd);
        top.current = scrollTop;
      }}
    >
      <Box pos="relative" h={rows.getTotalSize()}>
        {rows.getVirtualItems().map((row) => (
          <Code
            key={row.key}
            px="xs"
            bg={row.index === marked ? "var(--mantine-color-yellow-light)" : "transparent"}
            aria-current={row.index === marked ? "true" : undefined}
            style={{
              position: "absolute",
              whiteSpace: "pre",
              lineHeight: `${lineHeight}px`,
              transform: `translateY(${row.start}px)`,
            }}
          >
            {lines[row.index]}
          </Code>
        ))}
      </Box>
    </Box>
  );
}
