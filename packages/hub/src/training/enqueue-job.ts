import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { TrainingJob } from "@hearth/wire/hub/training";
import type { JobEvents } from "./events.ts";
import type { JobQueue, NewJob } from "./queue.ts";

/** Attempts after the first when a trainer or its hub dies, where nothing else is set. */
const defaultRetries = 2;

export interface JobParts extends Pick<
  NewJob,
  "id" | "kind" | "runId" | "parameters" | "specification" | "priority"
> {
  model: Model;
  dataset: Dataset;
  version: ModelVersion;
}

/** Puts a job at the end of the queue; part of the caller's transaction. */
export function enqueueJob(
  { queue, retries = defaultRetries }: { queue: JobQueue; retries?: number | undefined },
  { model, dataset, version, ...job }: JobParts,
): Promise<void> {
  return queue.enqueue({
    ...job,
    maxRetries: retries,
    modelId: model.id,
    datasetId: dataset.id,
    versionId: version.id,
  });
}

/** Tells followers and the scheduler of a job that is in the database now. */
export async function jobStarted(
  { queue, events, wakeScheduler }: { queue: JobQueue; events: JobEvents; wakeScheduler: () => void },
  id: string,
): Promise<TrainingJob> {
  const job = await queue.get(id);
  events.publish(id, { type: "status", job });
  wakeScheduler();
  return job;
}
