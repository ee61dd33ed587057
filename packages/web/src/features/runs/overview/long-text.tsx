import { Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { formatCount } from "../../../components/format.ts";

/** Of a longer text so many characters are shown at first. */
const firstShown = 300;

/** A text from outside as it is; of a long one the beginning, and the rest when it is asked for. */
export function LongText({ text, ff }: { text: string; ff?: "monospace" }) {
  const [all, setAll] = useState(false);
  const isLong = text.length > firstShown * 1.2;
  return (
    <>
      <Text
        span
        inherit
        {...(ff === undefined ? {} : { ff })}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", unicodeBidi: "isolate" }}
      >
        {isLong && !all ? `${text.slice(0, firstShown)}…` : text}
      </Text>
      {isLong && (
        <UnstyledButton
          display="block"
          fz="xs"
          fw={600}
          py={4}
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? "Show less" : `Show all ${formatCount(text.length)} characters`}
        </UnstyledButton>
      )}
    </>
  );
}
