import { runPage, type Run as WireRun, type RunStatus } from "@hearth/wire/mlflow/run";
import { findExperiment } from "./experiments.ts";
import type { Rest } from "./rest.ts";

export interface SearchRunsOptions {
  /** Names of experiments; one that does not exist has no runs. Default: the client's own. */
  experiments?: readonly string[];
  experimentIds?: readonly string[];
  /** MLflow's language, such as `metrics.accuracy > 0.9 and params.model = 'small'`. */
  filter?: string;
  /** Such as `metrics.accuracy DESC`. */
  orderBy?: readonly string[];
  /** Runs a request, 1 to 50,000; default 1000. */
  pageSize?: number;
  /** Ends after so many. */
  limit?: number;
  view?: "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
  signal?: AbortSignal;
}

export interface RunRecord {
  id: string;
  name: string;
  experimentId: string;
  status: RunStatus;
  startTime: Date | null;
  endTime: Date | null;
  artifactUri: string;
  /** The latest value of each. */
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

/** Runs page by page; the next page is asked for when the last run of one has been taken. */
export async function* searchRuns(
  rest: Rest,
  options: SearchRunsOptions & { experiments: readonly string[] },
): AsyncGenerator<RunRecord> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const ids = [...(options.experimentIds ?? [])];
  for (const name of options.experiments) {
    const id = await findExperiment(rest, name, call);
    if (id !== null) ids.push(id);
  }
  if (ids.length === 0) return;
  let left = options.limit ?? Infinity;
  let token: string | undefined;
  while (left > 0) {
    const body = {
      experiment_ids: ids,
      filter: options.filter ?? "",
      order_by: options.orderBy ?? [],
      run_view_type: options.view ?? "ACTIVE_ONLY",
      max_results: Math.min(options.pageSize ?? 1000, left),
      ...(token === undefined ? {} : { page_token: token }),
    };
    const page = await rest.call(runPage, "POST", "runs/search", { ...call, body });
    for (const run of page.runs.slice(0, left)) yield toRecord(run);
    left -= page.runs.length;
    token = page.next_page_token;
    if (token === undefined || token === "") return;
  }
}

export function toRecord({ info, data }: WireRun): RunRecord {
  return {
    id: info.run_id,
    name: info.run_name,
    experimentId: info.experiment_id,
    status: info.status,
    startTime: info.start_time === undefined ? null : new Date(info.start_time),
    endTime: info.end_time === undefined ? null : new Date(info.end_time),
    artifactUri: info.artifact_uri,
    metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, value])),
    params: Object.fromEntries(data.params.map(({ key, value }) => [key, value])),
    tags: Object.fromEntries(data.tags.map(({ key, value }) => [key, value])),
  };
}
