import { groupBand } from "../../../components/chart/band.ts";
import { metricLine } from "../../../components/chart/metric-line.ts";
import type { ChartAxis, LineSeries } from "../../../components/chart/series.ts";
import type { StartedSeries } from "../../../hub/metric-series.ts";
import type { RunLine } from "./run-lines.ts";

/** What is drawn of one metric: of runs their points, of groups their mean; lines without points are left out. */
export function chartLines(
  lines: readonly RunLine[],
  series: readonly StartedSeries[],
  axis: ChartAxis,
): LineSeries[] {
  const byRun = new Map(series.map((one) => [one.run_id, one]));
  return lines.flatMap((line): LineSeries[] => {
    const { id, label, color } = line;
    const found = line.runs.flatMap((run) => {
      const one = byRun.get(run.id);
      return one === undefined || one.step.length === 0 ? [] : [metricLine(one, axis, label, one.start)];
    });
    if (found.length === 0) return [];
    if (!line.group) return found.map((one) => ({ ...one, id, color }));
    const complete = found.every((one) => one.complete);
    return [{ id, label, color, complete, ...groupBand(found) }];
  });
}

/** Of an own colour, in hexadecimal digits: hardly to be seen. */
const faint = "26";

/** Lines with one of them on top and the others faint; as they are where it is not among them. */
export function broughtOut(series: readonly LineSeries[], id: string | undefined): readonly LineSeries[] {
  const one = series.find((line) => line.id === id);
  if (one === undefined) return series;
  const others = series.filter((line) => line !== one);
  return [...others.map((line) => ({ ...line, color: `${line.color ?? "#888888"}${faint}` })), one];
}
