import { traceSort, traceState } from "@hearth/wire/hub/traces";
import { z } from "zod";

/** Lengths of time that a person looks back, in ms. */
export const spansOfTime = { "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 } as const;

const text = z.coerce.string().max(500).optional().catch(undefined);

/** What of the page's state its address holds. */
export const tracesSearch = z.object({
  /** The trace that is open, by its id or its answer's. */
  trace: text,
  /** The span of it that is looked at. */
  span: text,
  text,
  model: text,
  experiment: text,
  state: traceState.optional().catch(undefined),
  within: z.enum(["1h", "24h", "7d"]).optional().catch(undefined),
  sort: traceSort.optional().catch(undefined),
  order: z.enum(["asc", "desc"]).optional().catch(undefined),
  page: z.int().min(1).optional().catch(undefined),
});
export type TracesSearch = z.infer<typeof tracesSearch>;

/** How MLflow's clients name a trace in the links that they print. */
export const mlflowSearch = z.object({ selectedEvaluationId: text, selectedTraceId: text });
