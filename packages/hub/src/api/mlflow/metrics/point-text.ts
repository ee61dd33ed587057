import type { SeriesPoint } from "../../../tracking/runs.ts";

/** Writes points of one metric as JSON text, at a few hundred ns each: a history has millions. */
export function pointText(key: string, runId?: string): (point: SeriesPoint) => string {
  const head = `{"key":${JSON.stringify(key)},"value":`;
  const tail = runId === undefined ? "}" : `,"run_id":${JSON.stringify(runId)}}`;
  return ({ value, is_nan, timestamp, step }) =>
    `${head}${is_nan === 1 ? '"NaN"' : value},"timestamp":${timestamp},"step":${step}${tail}`;
}
