import type { Run } from "@hearth/wire/hub/tracking";
import { z } from "zod";
import { closestNames } from "../../closest-names.ts";
import { HearthError } from "../../errors.ts";
import { tool } from "./tool.ts";

const longestValue = 300;

export const searchRuns = tool({
  name: "search_runs",
  title: "Search runs",
  description:
    "Runs with parameters and latest metrics. `filter` is MLflow's language: metrics.loss < 0.5 AND params.lora_rank = '8'. `order_by`: metrics.loss ASC.",
  input: z.strictObject({
    experiment: z.string().max(500).optional().describe("name or id; without it all experiments"),
    filter: z.string().max(5000).default(""),
    order_by: z.array(z.string().max(500)).max(5).default([]),
    limit: z.int().min(1).max(50).default(10),
  }),
  run: async ({ experiment, filter, order_by, limit }, { experiments, runs }) => {
    const all = await experiments.names();
    const wanted =
      experiment === undefined ? all : all.filter(({ id, name }) => id === experiment || name === experiment);
    if (experiment !== undefined && wanted.length === 0) throw unknownExperiment(experiment, all);
    if (wanted.length === 0) return { total: 0, runs: [] };
    const { total, items } = await runs.search({
      experiment_ids: wanted.map(({ id }) => id),
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
  input: z.strictObject({ run_ids: z.array(z.string().max(64)).min(2).max(10) }),
  run: async ({ run_ids }, { runs }) => {
    const all = await Promise.all([...new Set(run_ids)].map((id) => runs.get(id)));
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
  const rows = names.map((name) => [name, runs.map((run) => run[kind][name] ?? null)] as const);
  const same = (values: readonly unknown[]): boolean => new Set(values).size === 1;
  return {
    [`different_${kind}`]: Object.fromEntries(
      rows
        .filter(([, values]) => !same(values))
        .map(([name, values]) => [name, values.map((value) => clipped(value))]),
    ),
    [`same_${kind}`]: Object.fromEntries(
      rows.filter(([, values]) => same(values)).map(([name, [value]]) => [name, clipped(value)]),
    ),
  };
}

function unknownExperiment(asked: string, all: readonly { name: string }[]): HearthError {
  const names = all.map(({ name }) => name);
  const close = closestNames(asked, names);
  const some = (close.length > 0 ? close : names.slice(0, 20)).map((name) => `"${name}"`).join(", ");
  return new HearthError(
    "not_found",
    `There is no experiment "${asked}". ${some === "" ? "There is none yet." : `${close.length > 0 ? "Close" : "There are"}: ${some}.`}`,
    { details: { closest: close } },
  );
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
