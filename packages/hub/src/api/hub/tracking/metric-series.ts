import { metricSeriesRequest, metricSeriesResponse } from "@hearth/wire/hub/metric-series";
import { operation } from "../../operation.ts";

export const metricSeries = operation({
  method: "POST",
  path: "/metrics/series",
  name: "metricSeries",
  summary:
    "Metrics of many runs for one chart: all points where they are few, else the extremes of each span",
  tag: "tracking",
  body: metricSeriesRequest,
  responses: {
    200: {
      description: "In the order of the request; empty where a run or its metric does not exist",
      schema: metricSeriesResponse,
    },
  },
  handle: async ({ services, body }) => ({ items: await services.runs.metricSeries(body) }),
});
