import { HearthError } from "../../../errors.ts";
import { int32, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";
import { asLists } from "./as-lists.ts";
import { jsonStream } from "../json-stream.ts";
import { runIdOf } from "../run-id.ts";
import { pointText } from "./point-text.ts";

export const metricHistory = mlflowOperation({
  method: "GET",
  path: "/mlflow/metrics/get-history",
  name: "mlflowMetricHistory",
  summary: "Every value of a metric, or a page of them, by time",
  request: {
    run_id: text(),
    run_uuid: text(),
    metric_key: text().required(),
    max_results: int32(),
    page_token: text(),
  },
  handle: async ({ services, input, signal }) => {
    const { metric_key: key, max_results: limit } = input;
    const runId = runIdOf(input);
    if (limit !== undefined && limit < 1) {
      throw new HearthError(
        "invalid_request",
        `Invalid value ${limit} for parameter 'max_results' supplied: It must be a positive integer.`,
        { details: { field: "max_results" } },
      );
    }
    const offset = offsetOf(input.page_token);
    if (limit === undefined) {
      const texts = services.runs.historyTexts({ runId, key, offset });
      return await jsonStream({ name: "metrics", lists: asLists(texts), write: (text) => text }, signal);
    }
    const { points, more } = await services.runs.historyPage(runId, key, { limit, offset });
    const token = more ? `,"next_page_token":${JSON.stringify(pageToken(offset + limit))}` : "";
    const list = points.length === 0 ? "" : `"metrics":[${points.map(pointText(key)).join(",")}]`;
    return new Response(`{${list}${token}}`, { headers: { "content-type": "application/json" } });
  },
});
