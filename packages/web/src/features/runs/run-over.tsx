import { Alert, Anchor, Text } from "@mantine/core";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { runAddress } from "../../routing/addresses.ts";

/** What ended a run that failed, as its program told it. */
export function RunOver({ run }: { run: RunDetails }) {
  const type = run.tags["exception.type"];
  const message = run.tags["exception.message"];
  if (run.status !== "FAILED" || (type === undefined && message === undefined)) return null;
  return (
    <Alert color="red" title={type ?? "It failed"} mb="md">
      <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} lineClamp={12}>
        {message}
      </Text>
      <Anchor
        size="sm"
        // The page's own is too pale on red.
        c="var(--mantine-color-text)"
        underline="always"
        href={`${runAddress(run.experiment_id, run.id)}/artifacts/exception.txt`}
      >
        Its stack
      </Anchor>
    </Alert>
  );
}
