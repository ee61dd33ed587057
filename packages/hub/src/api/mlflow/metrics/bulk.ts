import { HearthError } from "../../../errors.ts";
import type { Runs } from "../../../tracking/runs.ts";
import { int32, int64, list, text } from "../fields.ts";
import { jsonStream } from "../json-stream.ts";
import { mlflowOperation } from "../operation.ts";
import { pointText } from "./point-text.ts";

const maxRuns = 100;
/** Points of one answer of get-history-bulk. */
const maxPoints = 25_000;
/** Points of one run in an answer of get-history-bulk-interval. */
const maxPointsPerRun = 2500;

export const metricHistoryBulk = mlflowOperation({
  method: "GET",
  path: "/mlflow/metrics/get-history-bulk",
  name: "mlflowMetricHistoryBulk",
  summary: "The histories of one metric of several runs, run by run",
  request: { run_id: list(text().required()), metric_key: text(), max_results: int32().or(maxPoints) },
  handle: async ({ services, input, signal }) => {
    const { run_id: runIds, metric_key: key } = input;
    if (runIds.length === 0)
      throw refused("GetMetricHistoryBulk request must specify at least one run_id.", "run_id");
    if (runIds.length > maxRuns) {
      throw refused(
        `GetMetricHistoryBulk request cannot specify more than ${maxRuns} run_ids. Received ${runIds.length} run_ids.`,
        "run_id",
      );
    }
    if (key === undefined)
      throw refused("GetMetricHistoryBulk request must specify a metric_key.", "metric_key");
    const limit = Math.min(maxPoints, Math.max(0, input.max_results));
    const texts = bulkTexts(services.runs, { runIds: [...new Set(runIds)].toSorted(), key, limit });
    return await jsonStream({ name: "metrics", lists: texts, write: (point) => point }, signal);
  },
});

async function* bulkTexts(
  runs: Pick<Runs, "historyTexts">,
  { runIds, key, limit }: { runIds: readonly string[]; key: string; limit: number },
): AsyncGenerator<[string], void, void> {
  let left = limit;
  for (const runId of runIds) {
    for await (const { text, count } of runs.historyTexts({ runId, key, limit: left, withRun: true })) {
      yield [text];
      left -= count;
    }
  }
}

export const metricHistoryInterval = mlflowOperation({
  method: "GET",
  path: "/mlflow/metrics/get-history-bulk-interval",
  name: "mlflowMetricHistoryInterval",
  summary:
    "One metric of several runs for a chart: of each bucket of steps the smallest and the largest value",
  request: {
    run_ids: list(text().required()),
    metric_key: text().required(),
    start_step: int64(),
    end_step: int64(),
    max_results: int32().or(maxPointsPerRun),
  },
  handle: async ({ services, input }) => {
    const { run_ids: runIds, metric_key: key, start_step: start, end_step: end, max_results: most } = input;
    if (runIds.length === 0)
      throw refused("GetMetricHistoryBulkInterval request must specify at least one of run_ids.", "run_ids");
    if (runIds.length > maxRuns) {
      throw refused(
        `GetMetricHistoryBulkInterval request must specify at most ${maxRuns} run_ids. Received ${runIds.length} run_ids.`,
        "run_ids",
      );
    }
    if (most < 1 || most > maxPointsPerRun)
      throw refused(`max_results must be between 1 and ${maxPointsPerRun}.`, "max_results");
    if ((start === undefined) !== (end === undefined)) {
      throw refused(
        "If either start step or end step are specified, both must be specified.",
        start === undefined ? "start_step" : "end_step",
      );
    }
    if (start !== undefined && end !== undefined && start > end) {
      throw refused(
        `end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`,
        "end_step",
      );
    }
    const texts: string[] = [];
    for (const runId of runIds) {
      const points = await services.runs.chartPoints({
        runId,
        key,
        startStep: start,
        endStep: end,
        points: most,
      });
      const write = pointText(key, runId);
      for (const point of points) texts.push(write(point));
    }
    return new Response(texts.length === 0 ? "{}" : `{"metrics":[${texts.join(",")}]}`, {
      headers: { "content-type": "application/json" },
    });
  },
});

function refused(message: string, field: string): HearthError {
  return new HearthError(
    "invalid_request",
    `${message} See the API docs for more information about request parameters.`,
    {
      details: { field },
    },
  );
}
