import uPlot from "uplot";
import { extentOf, heightOf, type DrawnLine } from "./lines.ts";
import type { ChartRange } from "./series.ts";

/** The parts of both axes that a chart of lines shows; `range` is what it is zoomed to. */
export function rangesOf(
  lines: readonly DrawnLine[],
  { range, logX, logY }: { range: ChartRange | null; logX: boolean; logY: boolean },
): { x: ChartRange; y: ChartRange } {
  const x = widened(clipped(range, logX) ?? extentOf(lines, logX) ?? { min: 1, max: 10 }, logX);
  const found = heightOf(lines, x, logY);
  const [min, max] =
    found === undefined
      ? [logY ? 1 : 0, logY ? 10 : 1]
      : logY
        ? uPlot.rangeLog(found.min, found.max, 10, false)
        : uPlot.rangeNum(found.min, found.max, 0.1, true);
  return { x, y: { min: min ?? 0, max: max ?? 1 } };
}

/** A logarithmic axis has no place for 0 and what is below. */
function clipped(range: ChartRange | null, positive: boolean): ChartRange | null {
  if (range === null || !positive || range.min > 0) return range;
  return range.max > 0 ? { min: range.max / 1000, max: range.max } : null;
}

/** A single x in the middle of something. */
function widened({ min, max }: ChartRange, log: boolean): ChartRange {
  if (min < max) return { min, max };
  return log ? { min: min / 2, max: max * 2 } : { min: min - 1, max: max + 1 };
}
