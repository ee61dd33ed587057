import type { DatasetInput, LatestMetric, RunRecord } from "../../../tracking/runs.ts";
import { compact } from "../compact.ts";
import { presentNumber } from "../present-number.ts";

/** A run as MLflow's clients read it. */
export function presentRun(run: RunRecord): object {
  return {
    info: presentRunInfo(run),
    data: compact({
      metrics: run.metrics.map(presentMetric),
      params: run.params.map(pair),
      tags: run.tags.map(pair),
    }),
    inputs: compact({
      dataset_inputs: run.datasetInputs.map(presentInput),
      model_inputs: run.modelInputs.map((id) => ({ model_id: id })),
    }),
  };
}

/** With what came out of it, as `runs/get` and `runs/search` have it. */
export function presentWholeRun(run: RunRecord): object {
  return {
    ...presentRun(run),
    outputs: compact({
      model_outputs: run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })),
    }),
  };
}

export function presentRunInfo(run: RunRecord): object {
  return {
    run_uuid: run.id,
    run_id: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startedAt,
    ...(run.endedAt === null ? {} : { end_time: run.endedAt }),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
  };
}

function presentMetric({ key, value, timestamp, step }: LatestMetric): object {
  return { key, value: presentNumber(value), timestamp, step };
}

/** Rows come with more than these two. */
function pair({ key, value }: { key: string; value: string }): object {
  return { key, value };
}

function presentInput(input: DatasetInput): object {
  const { name, digest, sourceType, source, schema, profile, tags } = input;
  return compact({
    tags: tags.map(pair),
    dataset: compact({ name, digest, source_type: sourceType, source, schema, profile }),
  });
}
