import { z } from "zod";

/**
 * How the charts of a page are drawn, for the search parameters of its address: spread it into a room's schema. What
 * is left out is as at first.
 */
export const chartSearch = {
  /** What x counts; default: steps. */
  axis: z.enum(["step", "relative", "time"]).optional().catch(undefined),
  logx: z.boolean().optional().catch(undefined),
  logy: z.boolean().optional().catch(undefined),
  /** Weight of the moving average. */
  smoothing: z.number().min(0).max(0.99).optional().catch(undefined),
  /** From the smallest to the largest of what smoothing, spans and groups hide. */
  band: z.boolean().optional().catch(undefined),
};

const chartSettings = z.object(chartSearch);
export type ChartSettings = z.infer<typeof chartSettings>;

/** The properties of a `LineChart` that settings stand for. */
export function chartProps({
  axis = "step",
  logx = false,
  logy = false,
  smoothing = 0,
  band = false,
}: ChartSettings) {
  // The time since 1970 has no meaningful logarithm.
  return { axis, logX: logx && axis !== "time", logY: logy, smoothing, band };
}
