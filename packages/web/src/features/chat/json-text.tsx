import { Button, Code, Text } from "@mantine/core";
import { useState } from "react";

/** Longer texts are folded. */
const most = 1_500;

/** A value from outside as indented JSON, as text only; what is long is shown in full when it is asked for. */
export function JsonText({ label, value }: { label: string; value: unknown }) {
  const [all, setAll] = useState(false);
  const text = typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "nothing");
  const long = text.length > most;
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
        mah={320}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", overflowY: "auto" }}
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
