import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

/** Lets a job wait in its place, or go on: a running one leaves a checkpoint after its step. */
export function PauseButton({ job }: { job: TrainingJob }) {
  const queries = useQueryClient();
  const waits = job.status === "paused" || job.pause_requested;
  const change = useMutation({
    mutationFn: () => (waits ? hub.jobs.resume(job.id) : hub.jobs.pause(job.id)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["training"] }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  const word = waits ? "Resume" : "Pause";
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={change.isPending}
      aria-label={`${word} ${job.model}:${job.version}`}
      onClick={() => change.mutate()}
    >
      {word}
    </Button>
  );
}
