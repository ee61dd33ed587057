import { randomUUID } from "node:crypto";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { HearthError } from "../../errors.ts";
import { checkInputs } from "../attempt-inputs.ts";
import type { TrainingRooms } from "../dependencies.ts";
import { enqueueJob, jobStarted } from "../enqueue-job.ts";
import type { JobEvents } from "../events.ts";
import type { JobQueue } from "../queue.ts";
import type { Trainers } from "../trainers/trainers.ts";

export interface ReproductionDependencies extends Pick<
  TrainingRooms,
  "database" | "registry" | "datasets" | "runs" | "artifacts"
> {
  queue: JobQueue;
  events: JobEvents;
  trainers: Trainers;
  retries?: number | undefined;
  wakeScheduler: () => void;
}

/**
 * Queues the stored specification of a version once more; the inputs are hashed first.
 *
 * @throws HearthError `invalid_request` for a version that was not trained here, `conflict` when an
 * input is missing or another file now (details: path, found, expected), `not_found`, `platform_unsupported` when its
 * trainer cannot run here
 */
export async function queueReproduction(
  dependencies: ReproductionDependencies,
  reference: string,
  signal: AbortSignal,
): Promise<TrainingJob> {
  const { registry, datasets, runs, database, queue, artifacts, trainers } = dependencies;
  const version = await registry.resolve(reference);
  const original = version.lineage.job_id;
  if (original === null || version.lineage.dataset === null) {
    throw new HearthError(
      "invalid_request",
      `${version.model}:${version.version} was not trained here (it was imported), so there is nothing to run again`,
      {
        details: { model: version.model, version: version.version },
      },
    );
  }
  const { parameters } = await queue.get(original);
  const specification = await queue.specification(original);
  trainers.named(specification.choice.name);
  await checkInputs("reproduce", specification.inputs, artifacts, signal);
  const [model, dataset] = await Promise.all([
    registry.getModel(version.model_id),
    datasets.get(version.lineage.dataset.id),
  ]);
  const id = randomUUID();
  await database.transaction(async () => {
    const run = await runs.createRun({
      experimentId: await registry.experimentOf(model.id),
      kind: "training",
      name: `reproduce-${version.model}-${version.version}`,
      params: { reproduces: `${version.model}:${version.version}`, seed: String(parameters.seed) },
      tags: { "hearth.job_id": id, "hearth.reproduces_job_id": original },
    });
    const parts = { id, kind: "reproduce", model, dataset, version, runId: run.id } as const;
    await enqueueJob(dependencies, { ...parts, parameters, specification });
  });
  return jobStarted(dependencies, id);
}
