import { createdExperiment, experimentResponse } from "@hearth/wire/mlflow/run";
import { TrackingError } from "./errors.ts";
import type { RestCall, Rest } from "./rest.ts";

/** Ids of experiments by name, as each server gave them. */
const known = new WeakMap<Rest, Map<string, string>>();

/**
 * The id of the experiment of that name, which is created when there is none.
 * Asked for once; see `forgetExperiment`.
 * @throws TrackingError, TrackingUnreachable
 */
export async function resolveExperiment(rest: Rest, name: string, call: RestCall = {}): Promise<string> {
  if (name === "Default") return "0";
  const id = known.get(rest)?.get(name) ?? (await findOrCreate(rest, name, call));
  const ids = known.get(rest) ?? new Map<string, string>();
  known.set(rest, ids.set(name, id));
  return id;
}

/** Asks the server the next time: an experiment may be renamed or removed. */
export function forgetExperiment(rest: Rest, name: string): void {
  known.get(rest)?.delete(name);
}

async function findOrCreate(rest: Rest, name: string, call: RestCall): Promise<string> {
  for (const lastTry of [false, true]) {
    const found = await findExperiment(rest, name, call);
    if (found !== null) return found;
    try {
      const body = { name };
      return (await rest.call(createdExperiment, "POST", "experiments/create", { ...call, body }))
        .experiment_id;
    } catch (error) {
      // Another process was first: the next look finds its experiment.
      if (!isCode(error, "RESOURCE_ALREADY_EXISTS") || lastTry) throw error;
    }
  }
  throw new Error("unreachable");
}

/** The id of the experiment of that name, or null. */
export async function findExperiment(rest: Rest, name: string, call: RestCall = {}): Promise<string | null> {
  try {
    const query = { experiment_name: name };
    const answer = await rest.call(experimentResponse, "GET", "experiments/get-by-name", { ...call, query });
    return answer.experiment.experiment_id;
  } catch (error) {
    if (isCode(error, "RESOURCE_DOES_NOT_EXIST")) return null;
    throw error;
  }
}

export function isCode(error: unknown, code: string): error is TrackingError {
  return error instanceof TrackingError && error.code === code;
}
