import { z } from "zod";
import type { CompareSearch } from "./charts/charts-search.ts";

const ids = z.array(z.coerce.string()).catch([]);

/** As MLflow's page links to the chart of a metric of some runs. */
export const metricLink = z.object({
  runs: ids,
  experiments: ids.optional(),
  metric: z.coerce.string().optional().catch(undefined),
  plot_metric_keys: z.array(z.coerce.string()).optional().catch(undefined),
  x_axis: z.enum(["step", "relative", "wall"]).optional().catch(undefined),
  y_axis_scale: z.enum(["linear", "log"]).optional().catch(undefined),
  /** Per cent; 1 is none. */
  line_smoothness: z.coerce.number().min(0).max(100).optional().catch(undefined),
  /** `<run>-<metric>` each. */
  deselected_curves: z.array(z.coerce.string()).optional().catch(undefined),
});
export type MetricLink = z.infer<typeof metricLink>;

const axes = { step: undefined, relative: "relative", wall: "time" } as const;

/** The same chart as the page of compared runs has it; `primary` is the metric that stands in the path. */
export function compareSearchOf(link: MetricLink, primary: string | undefined): CompareSearch {
  const named = [primary === "" ? undefined : primary, link.metric].filter((key) => key !== undefined);
  const metrics = link.plot_metric_keys ?? named.slice(0, 1);
  const hidden = link.runs.filter(
    (run) => metrics.length > 0 && metrics.every((key) => link.deselected_curves?.includes(`${run}-${key}`)),
  );
  const smoothness = link.line_smoothness ?? 1;
  return {
    runs: link.runs,
    experiments: link.experiments,
    metrics: metrics.length === 0 ? undefined : metrics,
    hidden: hidden.length === 0 ? undefined : hidden,
    axis: link.x_axis === undefined ? undefined : axes[link.x_axis],
    logy: link.y_axis_scale === "log" ? true : undefined,
    smoothing: smoothness <= 1 ? undefined : Math.min(0.99, smoothness / 100),
  };
}
