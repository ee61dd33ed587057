import { Badge } from "@mantine/core";

const colors: Record<string, string> = {
  queued: "gray",
  SCHEDULED: "gray",
  archived: "gray",
  paused: "yellow",
  running: "blue",
  RUNNING: "blue",
  training: "blue",
  IN_PROGRESS: "blue",
  completed: "green",
  FINISHED: "green",
  ready: "green",
  ok: "green",
  OK: "green",
  failed: "red",
  FAILED: "red",
  error: "red",
  ERROR: "red",
  cancelled: "yellow",
  KILLED: "yellow",
};

/** The state of a job, a run, a version or a trace, as the hub spells it. */
export function StatusBadge({ status }: { status: string }) {
  return (
    // A coloured dot beside text of full contrast: coloured text is too pale on white for WCAG AA.
    <Badge color={colors[status] ?? "gray"} variant="dot" size="sm" miw="max-content">
      {status.toLowerCase().replaceAll("_", " ")}
    </Badge>
  );
}
