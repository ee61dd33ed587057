import { z } from "zod";
import { chartSearch } from "../../../components/chart/chart-search.ts";
import type { ChartRange } from "../../../components/chart/series.ts";
import { tableSearch } from "../table/table-search.ts";

/** How many runs may be looked at at once. */
export const runCounts = [10, 50, 100, 500] as const;
export const usualCount = 100;
/** Runs that can be chosen one by one. */
export const mostRuns = 500;

const names = z.array(z.coerce.string()).optional().catch(undefined);

/** Ids as the hub makes them and MLflow's clients may: none could break out of a filter. */
const chosenRuns = z
  .array(z.coerce.string())
  .transform((ids) => ids.filter((id) => /^[\w-]{1,64}$/.test(id)).slice(0, mostRuns))
  .transform((ids) => (ids.length === 0 ? undefined : ids))
  .optional()
  .catch(undefined);

/** Which lines and which charts are seen; it stands in the address of each page that draws runs. */
export const linesSearch = z.object({
  ...chartSearch,
  /** Metrics with a chart; without it, all but those of the machine. */
  metrics: names,
  /** Lines that are not drawn. */
  hidden: names,
  /** The only lines that are drawn; where it is set, `hidden` says nothing. */
  only: names,
  /** Groups whose runs are drawn too. */
  open: names,
  /** Parts of x that charts are zoomed to: the metric, from, to. */
  zoom: z
    .array(z.tuple([z.coerce.string(), z.number(), z.number()]))
    .optional()
    .catch(undefined),
});
export type LinesSearch = z.infer<typeof linesSearch>;

/** What the charts of experiments show: filter, order and groups as the table has them. */
export const chartsSearch = tableSearch.extend(linesSearch.shape).extend({
  /** These runs instead of the first ones of the filter. */
  runs: chosenRuns,
  /** How many runs. */
  show: z.literal(runCounts).optional().catch(undefined),
  view: z.enum(["parallel"]).optional().catch(undefined),
  /** Columns that are the axes of parallel coordinates. */
  axes: names,
});
export type ChartsSearch = z.infer<typeof chartsSearch>;

/** Whether a line is drawn. */
export function isShown({ hidden, only }: LinesSearch, id: string): boolean {
  return only === undefined ? hidden?.includes(id) !== true : only.includes(id);
}

/** What the chart of a metric is zoomed to; null: all of it. */
export function rangeOf({ zoom }: LinesSearch, metric: string): ChartRange | null {
  const found = zoom?.find(([key]) => key === metric);
  return found === undefined ? null : { min: found[1], max: found[2] };
}

/** The search that shows a part of the chart of a metric. */
export function zoomedTo(
  { zoom = [] }: LinesSearch,
  metric: string,
  range: ChartRange | null,
): Partial<LinesSearch> {
  const others = zoom.filter(([key]) => key !== metric);
  const next =
    range === null ? others : [...others, [metric, range.min, range.max] satisfies [string, number, number]];
  return { zoom: next.length === 0 ? undefined : next };
}

/** The search that hides a line which is shown, and shows one which is hidden. */
export function toggled({ hidden = [], only }: LinesSearch, id: string): Partial<LinesSearch> {
  const turn = (list: readonly string[]) =>
    list.includes(id) ? list.filter((one) => one !== id) : [...list, id];
  if (only !== undefined) return { only: turn(only) };
  const next = turn(hidden);
  return { hidden: next.length === 0 ? undefined : next };
}

/** The runs that are compared, and how their charts look. */
export const compareSearch = linesSearch.extend({
  runs: z.array(z.coerce.string()).catch([]),
  experiments: z.array(z.coerce.string()).optional().catch(undefined),
});
export type CompareSearch = z.infer<typeof compareSearch>;
