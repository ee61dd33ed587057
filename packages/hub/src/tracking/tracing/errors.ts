import { HearthError } from "../../errors.ts";

export function noTrace(id: string): HearthError {
  return new HearthError("not_found", `Trace with ID '${id}' not found.`, { details: { trace_id: id } });
}

export function noExperiment(id: string): HearthError {
  return new HearthError("not_found", `No Experiment with id=${id} exists`, {
    details: { experiment_id: id },
  });
}

export function invalid(message: string): HearthError {
  return new HearthError("invalid_request", message);
}
