import { NativeSelect } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { namedPriorities, priorityName } from "@hearth/wire/hub/training-queue";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

/** The priority of a job that waits: those of a higher one run first. */
export function PrioritySelect({ job }: { job: TrainingJob }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (priority: number) => hub.jobs.prioritize(job.id, priority),
    onSettled: () => queries.invalidateQueries({ queryKey: ["training"] }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  return (
    <NativeSelect
      size="xs"
      aria-label={`Priority of ${job.model}:${job.version}`}
      value={String(job.priority)}
      data={priorityChoices(job.priority)}
      disabled={change.isPending}
      onChange={(event) => change.mutate(Number(event.currentTarget.value))}
    />
  );
}

/** The named priorities, and `own` where it has no name: the command line or the API gave it. */
export function priorityChoices(own: number): { label: string; value: string }[] {
  const named = Object.entries(namedPriorities).map(([label, number]) => ({ label, value: String(number) }));
  return Object.values<number>(namedPriorities).includes(own)
    ? named
    : [...named, { label: priorityName(own), value: String(own) }];
}
