import type { ExperimentRecord } from "../../../tracking/runs.ts";
import { compact } from "../compact.ts";

/** An experiment as MLflow's clients read it. */
export function presentExperiment(experiment: ExperimentRecord): object {
  return compact({
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    last_update_time: experiment.updatedAt,
    creation_time: experiment.createdAt,
    // There is one workspace, and clients since 3.17 expect its name.
    workspace: "default",
    tags: experiment.tags,
  });
}
