import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Decision } from "./decisions.ts";

/** Asks whether a call that changes something may run, with the very input that is shown above it. */
export function ApprovalForm({
  title,
  decision,
  decide,
}: {
  title: string;
  decision: Decision | null;
  decide: (decision: Decision) => void;
}) {
  const [reason, setReason] = useState("");
  if (decision !== null)
    return (
      <Text size="sm" mt="xs" role="status">
        {decision.approved ? "Allowed" : "Refused"}. The answer goes on when the other calls are decided, too.
      </Text>
    );
  return (
    <Stack gap="xs" mt="xs" role="group" aria-label={`Decide about ${title}`}>
      <Text size="sm">
        The model asks to do this. It changes something: nothing is done unless you allow it.
      </Text>
      <Group gap="xs" align="flex-end">
        <Button
          size="compact-md"
          aria-label={`Allow ${title}`}
          onClick={() => decide({ approved: true, reason: null })}
        >
          Allow
        </Button>
        <Button
          size="compact-md"
          variant="default"
          aria-label={`Refuse ${title}`}
          onClick={() => decide({ approved: false, reason: reason.trim() === "" ? null : reason.trim() })}
        >
          Refuse
        </Button>
        <TextInput
          size="xs"
          flex={1}
          miw={160}
          aria-label={`Why ${title} is refused`}
          placeholder="Why not (the model is told)"
          maxLength={2_000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.nativeEvent.isComposing || reason.trim() === "") return;
            event.preventDefault();
            decide({ approved: false, reason: reason.trim() });
          }}
        />
      </Group>
    </Stack>
  );
}
