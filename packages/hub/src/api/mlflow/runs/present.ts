import type { DatasetInput, RunRecord } from "../../../tracking/runs.ts";
import { compact } from "../compact.ts";

type WithoutLists = Omit<RunRecord, "params" | "tags" | "metrics">;

/** A run that has just begun, as MLflow's clients read it. */
export function presentNewRun(run: RunRecord): object {
  return {
    info: presentRunInfo(run),
    data: compact({ params: run.params, tags: run.tags }),
    inputs: presentInputs(run),
  };
}

export function presentRunInfo(run: WithoutLists): object {
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

/** What the run has read. */
export function presentInputs(run: WithoutLists): object {
  return compact({
    dataset_inputs: run.datasetInputs.map(presentInput),
    model_inputs: run.modelInputs.map((id) => ({ model_id: id })),
  });
}

/** What has come out of it. */
export function presentOutputs(run: WithoutLists): object {
  return compact({
    model_outputs: run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })),
  });
}

function presentInput(input: DatasetInput): object {
  const { name, digest, sourceType, source, schema, profile, tags } = input;
  return compact({
    tags,
    dataset: compact({ name, digest, source_type: sourceType, source, schema, profile }),
  });
}
