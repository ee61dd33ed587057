import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";

export interface SaidTextProps {
  text: string;
  /** px; what is longer scrolls. */
  height: number;
  /** The text with marks; default: as it is. */
  children?: ReactNode;
}

/** What a model said, as it said it; blanks alone are told in words. */
export function SaidText({ text, height, children }: SaidTextProps) {
  if (text !== "" && text.trim() === "")
    return (
      <Text size="sm" c="dimmed" fs="italic">
        {text.length === 1 ? "One blank." : `${text.length} blanks and nothing else.`}
      </Text>
    );
  return (
    <Box
      mah={height}
      fz="sm"
      // What scrolls must be reachable by keyboard.
      tabIndex={text.length > 300 || text.split("\n").length > 8 ? 0 : undefined}
      style={{ overflowY: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
    >
      {children ?? text}
    </Box>
  );
}
