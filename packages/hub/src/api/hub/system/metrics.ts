import { z } from "zod";
import { operation } from "../../operation.ts";

export const getMetrics = operation({
  method: "GET",
  path: "/metrics",
  name: "getMetrics",
  summary: "Metrics in Prometheus' text format",
  tag: "system",
  responses: { 200: { description: "Metrics", contentType: "text/plain", schema: z.string() } },
  async handle({ services }) {
    const { contentType, text } = await services.operations.metrics();
    return new Response(text, { headers: { "content-type": contentType } });
  },
});
