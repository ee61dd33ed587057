import { HearthError } from "../errors.ts";

// All in the words that MLflow's clients look for.

export function unknownRun(runId: string): HearthError {
  return new HearthError("not_found", `Run with id=${runId.slice(0, 300)} not found`, {
    details: { run_id: runId.slice(0, 300) },
  });
}

export function deletedRun(runId: string): HearthError {
  return new HearthError(
    "invalid_request",
    `The run ${runId} must be in the 'active' state. Current state is deleted.`,
    { details: { run_id: runId } },
  );
}

export function unknownExperiment(id: string): HearthError {
  return new HearthError("not_found", `No Experiment with id=${id.slice(0, 300)} exists`, {
    details: { experiment_id: id.slice(0, 300) },
  });
}

export function deletedExperiment(id: string): HearthError {
  return new HearthError(
    "invalid_request",
    `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
    { details: { experiment_id: id } },
  );
}

export function unknownTag(key: string, owner: string): HearthError {
  return new HearthError("not_found", `No tag with name: ${key.slice(0, 300)} in ${owner}`, {
    details: { key: key.slice(0, 300) },
  });
}
