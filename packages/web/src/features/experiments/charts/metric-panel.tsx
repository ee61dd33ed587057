import { Skeleton, Text } from "@mantine/core";
import { useMemo } from "react";
import { chartProps } from "../../../components/chart/chart-search.ts";
import { LineChart } from "../../../components/chart/line-chart.tsx";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { broughtOut, chartLines } from "./chart-lines.ts";
import { rangeOf, zoomedTo, type LinesSearch } from "./charts-search.ts";
import type { ChartRun, RunLine } from "./run-lines.ts";
import { useLineSeries } from "./use-line-series.ts";

export interface MetricPanelProps {
  metric: string;
  /** All that any line is made of, hidden ones too: to show a line again asks for nothing. */
  runs: readonly ChartRun[];
  lines: readonly RunLine[];
  /** The line that the others stand back for. */
  pointed: string | undefined;
  search: LinesSearch;
  onSearch: (change: Partial<LinesSearch>) => void;
}

/** px */
export const chartHeight = 280;

/** One metric of all lines. */
export function MetricPanel({ metric, runs, lines, pointed, search, onSearch }: MetricPanelProps) {
  const drawn = chartProps(search);
  const range = rangeOf(search, metric);
  const { series, error } = useLineSeries(runs, metric, drawn.axis, range);
  const found = useMemo(
    () => (series === undefined ? undefined : chartLines(lines, series, drawn.axis)),
    [lines, series, drawn.axis],
  );
  const shown = useMemo(
    () => (found === undefined ? undefined : broughtOut(found, pointed)),
    [found, pointed],
  );
  if (shown === undefined)
    return error === null ? <Skeleton height={chartHeight} /> : <ErrorNotice error={error} />;
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <LineChart
        {...drawn}
        label={`${metric}, ${shown.length} ${shown.length === 1 ? "line" : "lines"}`}
        heading={
          <Text component="h3" size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            {metric}
          </Text>
        }
        series={shown}
        range={range}
        onZoom={(next) => onSearch(zoomedTo(search, metric, next))}
        height={chartHeight}
      />
    </>
  );
}
