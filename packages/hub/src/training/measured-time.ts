import type { Dataset } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { JobEstimate } from "@hearth/wire/hub/training";
import type { TrainingDatasets, TrainingRegistry } from "./dependencies.ts";
import type { CompleteParameters } from "./parameters.ts";
import type { JobQueue } from "./queue.ts";

/** How many of the newest jobs are looked at. */
const looked = 30;

interface Rooms {
  queue: Pick<JobQueue, "list">;
  registry: Pick<TrainingRegistry, "getVersion">;
  datasets: Pick<TrainingDatasets, "get">;
}

interface Planned {
  parameters: CompleteParameters;
  base: ModelVersion | null;
  dataset: Dataset;
}

/**
 * Tokens and seconds of a planned job by what the newest like job measured: the same recipe by the same
 * trainer on the same base (or of the same shape), its tokens for each byte of its rows, its tokens a second.
 */
export async function measuredTime(
  { queue, registry, datasets }: Rooms,
  { parameters, base, dataset }: Planned,
): Promise<Pick<JobEstimate, "tokens" | "seconds" | "time_basis">> {
  const { items } = await queue.list({ page: 1, page_size: looked, status: "completed" });
  for (const job of items) {
    if (job.kind !== "train" || job.parameters.recipe !== parameters.recipe) continue;
    if (job.trainer !== parameters.trainer) continue;
    if (JSON.stringify(job.parameters.pretrain) !== JSON.stringify(parameters.pretrain)) continue;
    const version = await registry.getVersion(job.version_id);
    if ((version.lineage.base?.version_id ?? null) !== (base?.id ?? null)) continue;
    const { trained_tokens: tokens, tokens_per_second: speed } = version.metrics;
    const bytes = (await datasets.get(job.dataset_id)).splits.train?.bytes ?? 0;
    if (tokens === undefined || speed === undefined || tokens <= 0 || speed <= 0 || bytes === 0) continue;
    const perByte = tokens / (bytes * job.parameters.epochs);
    const planned = Math.ceil(perByte * (dataset.splits.train?.bytes ?? 0) * parameters.epochs);
    return {
      tokens: planned,
      seconds: planned / speed,
      time_basis: `as ${job.model}:${job.version} measured: ${Math.round(speed)} tokens/s`,
    };
  }
  const like = base === null ? "of this shape" : `on ${base.model}:${base.version}`;
  return {
    tokens: null,
    seconds: null,
    time_basis: `no earlier '${parameters.recipe}' job ${like} has measured it`,
  };
}
