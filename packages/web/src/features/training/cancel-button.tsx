import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

/** Ends a job that has not ended: at once in the queue, after its step when it runs. */
export function CancelButton({ job }: { job: TrainingJob }) {
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => hub.jobs.cancel(job.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["training"] }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={cancel.isPending}
      aria-label={`Cancel ${job.model}:${job.version}`}
      onClick={() => cancel.mutate()}
    >
      Cancel
    </Button>
  );
}
