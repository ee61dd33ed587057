import { z } from "zod";
import type { Run } from "@hearth/wire/hub/tracking";
import { tool } from "./tool.ts";

const longestValue = 300;

export const searchRuns = tool({
  name: "search_runs",
  title: "Search runs",
  description:
    "Runs with parameters and latest metrics. `filter` is MLflow's language: metrics.loss < 0.5 AND params.lora_rank = '8'. `order_by`: metrics.loss ASC.",
  input: z.object({
    experiment: z.string().max(500).optional().describe("name or id; without it all experiments"),
    filter: z.string().max(5000).default(""),
    order_by: z.array(z.string().max(500)).max(5).default([]),
    limit: z.int().min(1).max(50).default(10),
  }),
  run: async ({ experiment, filter, order_by, limit }, { experiments, runs }) => {
    const all = await experiments.names();
    const wanted =
      experiment === undefined ? all : all.filter(({ id, name }) => id === experiment || name === experiment);
    if (wanted.length === 0) return { total: 0, runs: [], note: `There is no experiment "${experiment}".` };
    const { total, items } = await runs.search({
      experiment_ids: wanted.slice(0, 100).map(({ id }) => id),
      filter,
      order_by,
      limit,
    });
    return { total, runs: items.map((run) => briefly(run)) };
  },
});

export const compareRuns = tool({
  name: "compare_runs",
  title: "Compare runs",
  description:
    "What is different between 2 to 10 runs: parameters and latest metrics side by side, the differences first.",
  input: z.object({ run_ids: z.array(z.string().max(64)).min(2).max(10) }),
  run: async ({ run_ids }, { runs }) => {
    const all = await Promise.all(run_ids.map((id) => runs.get(id)));
    return {
      runs: all.map(({ id, name, status, started_at }) => ({ id, name, status, started_at })),
      ...differences("params", all),
      ...differences("metrics", all),
    };
  },
});

/** Values by run, in the order of the runs, of what is not the same in all; and how much is the same. */
function differences(kind: "params" | "metrics", runs: readonly Run[]): Record<string, unknown> {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run[kind])))].toSorted();
  const rows = names.map((name) => [name, runs.map((run) => clipped(run[kind][name] ?? null))] as const);
  const different = rows.filter(([, values]) => new Set(values).size > 1);
  return {
    [`different_${kind}`]: Object.fromEntries(different),
    [`same_${kind}`]: Object.fromEntries(
      rows.filter(([, values]) => new Set(values).size === 1).map(([name, [value]]) => [name, value]),
    ),
  };
}

function briefly({ id, name, experiment_id, status, params, metrics, started_at, ended_at }: Run): object {
  const short = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, clipped(value)]));
  return { id, name, experiment_id, status, params: short, metrics, started_at, ended_at };
}

function clipped<T>(value: T): T | string {
  return typeof value === "string" && value.length > longestValue
    ? `${value.slice(0, longestValue)}…`
    : value;
}
