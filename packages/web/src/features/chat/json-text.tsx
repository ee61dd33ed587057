import { Button, Code, Text } from "@mantine/core";
import { useState } from "react";

/** Longer texts are folded. */
const most = 1_500;

/**
 * A value from outside as indented JSON, as text only; what is long is shown in full when it is asked for. `full`:
 * nothing of it is folded or scrolled away, because somebody decides by it.
 */
export function JsonText({ label, value, full = false }: { label: string; value: unknown; full?: boolean }) {
  const [all, setAll] = useState(false);
  const text = visible(typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "nothing"));
  const long = !full && text.length > most;
  return (
    <>
      <Text size="xs" c="dimmed" mt={6} mb={2}>
        {label}
      </Text>
      <Code
        block
        tabIndex={0}
        role="group"
        aria-label={label}
        style={{
          whiteSpace: "pre-wrap",
          overflowWrap: "anywhere",
          ...(full ? {} : { maxHeight: 320, overflowY: "auto" }),
        }}
      >
        {long && !all ? `${text.slice(0, most)}…` : text}
      </Code>
      {long && (
        <Button variant="subtle" size="compact-xs" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fold" : `Show all ${text.length.toLocaleString("en")} characters`}
        </Button>
      )}
    </>
  );
}

/** Characters that are not seen, or that turn the order of others round, as their codes. */
function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
