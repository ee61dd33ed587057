import { Alert, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowsMinimize, IconPlayerPause, IconTemperature } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

/** Under the jobs' own key, so that what changes those changes this. */
const queueKey = ["training", "queue"];

function useQueue() {
  return useQuery({
    queryKey: queueKey,
    queryFn: ({ signal }) => hub.jobs.queue({ signal }),
    meta: { topics: ["jobs"] },
  });
}

/** Holds the whole queue, running jobs with it, or lets it go on. */
export function QueueButton() {
  const queries = useQueryClient();
  const { data: queue } = useQueue();
  const change = useMutation({
    mutationFn: () => (queue?.paused === true ? hub.jobs.resumeQueue() : hub.jobs.pauseQueue()),
    onSettled: () => queries.invalidateQueries({ queryKey: ["training"] }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  if (queue === undefined) return null;
  return (
    <Button variant="default" loading={change.isPending} onClick={() => change.mutate()}>
      {queue.paused ? "Resume the queue" : "Pause the queue"}
    </Button>
  );
}

/** What holds the queue up, if anything does. */
export function QueueNotice() {
  const { data: queue } = useQueue();
  if (queue === undefined) return null;
  if (queue.paused)
    return (
      <Alert color="yellow" icon={<IconPlayerPause aria-hidden />}>
        <b>The queue is paused.</b> No job begins until it is resumed. Jobs keep their places and their
        checkpoints.
      </Alert>
    );
  if (queue.running.length === 0 || queue.pace.reason === null) return null;
  const { pace, celsius } = queue;
  return pace.reason === "cooldown" ? (
    <Alert color="orange" icon={<IconTemperature aria-hidden />}>
      <b>Waiting for the machine to cool.</b>{" "}
      {celsius === null ? "The system slows the machine down for its heat." : `It is at ${celsius} °C.`} Jobs
      go on when it is colder.
    </Alert>
  ) : (
    <Alert color="blue" icon={<IconArrowsMinimize aria-hidden />}>
      <b>Giving way to answers.</b>{" "}
      {pace.share === 0
        ? "Jobs wait between their steps while people wait for answers."
        : `Jobs compute ${Math.round(100 * pace.share)} % of the time while people wait for answers.`}
    </Alert>
  );
}
