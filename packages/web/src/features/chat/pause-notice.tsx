import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Pause } from "./live-answers.ts";

/** The hub has too much to do: its words, the time until it is asked again, and a way not to wait. */
export function PauseNotice({ pause }: { pause: Pause }) {
  return (
    <Alert
      color="yellow"
      styles={{ title: { color: "var(--mantine-color-bright)" } }}
      icon={<IconHourglass aria-hidden />}
      title="The hub is busy"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm" role="status" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {pause.reason}
        </Text>
        <Group gap="xs">
          <Countdown until={pause.until} />
          <Button size="compact-sm" variant="default" onClick={pause.askNow}>
            Ask now
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

/** Counts the seconds for the eye; a screen reader reads it when it comes by. */
function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <Text size="sm" className="figures" role="timer" aria-live="off">
      Asks again in {Math.max(0, Math.ceil((until - now) / 1000))} s
    </Text>
  );
}
