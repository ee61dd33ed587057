import { pageQuery } from "@hearth/wire/hub/common";
import { metricHistoryPage } from "@hearth/wire/hub/tracking";
import { z } from "zod";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const metricHistory = operation({
  method: "GET",
  path: "/runs/{id}/metrics/{key}",
  name: "metricHistory",
  summary: "Every logged value of a metric, by step",
  tag: "tracking",
  query: pageQuery.extend({ page_size: z.coerce.number().int().min(1).max(10_000).default(1000) }),
  responses: { 200: { description: "A page of values; null stands for NaN", schema: metricHistoryPage } },
  handle: ({ services, params, query }) =>
    services.tracking.metricHistory(required(params, "id"), required(params, "key"), query),
});
