import { Box, Code, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

const lineHeight = 20;

/** Lines of a log, the newest at the end and in view; only those that are seen are drawn. */
export function LogView({ label, lines }: { label: string; lines: readonly string[] }) {
  const place = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // Its functions are used here only, and nothing is memoised by them.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  useEffect(() => {
    // Who has scrolled back is reading.
    if (atEnd.current && place.current !== null) place.current.scrollTop = place.current.scrollHeight;
  }, [lines.length]);
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        It has said nothing yet.
      </Text>
    );
  }
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
        atEnd.current = scrollHeight - scrollTop - clientHeight < lineHeight;
      }}
    >
      <Box pos="relative" h={rows.getTotalSize()}>
        {rows.getVirtualItems().map((row) => (
          <Code
            key={row.key}
            bg="transparent"
            px="xs"
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
