import "uplot/dist/uPlot.min.css";
import { Group, Text, useComputedColorScheme } from "@mantine/core";
import { useMemo, useState, type ReactNode } from "react";
import { formatCount } from "../format.ts";
import { axisTitles } from "./axis-text.ts";
import { ChartActions } from "./chart-actions.tsx";
import { csvOf, rowsOf } from "./chart-rows.ts";
import { ChartLegend } from "./chart-legend.tsx";
import { ChartTable } from "./chart-table.tsx";
import { countHidden, drawnLines } from "./lines.ts";
import { PlotArea } from "./plot-area.tsx";
import { rangesOf } from "./ranges.ts";
import type { ChartAxis, ChartRange, LineSeries } from "./series.ts";

export interface LineChartProps {
  /** Told to who cannot see it, and the name of its file. */
  label: string;
  /** Shown above, beside what can be done with the chart. */
  heading?: ReactNode;
  /** Memoised by the owner: another array is drawn anew. */
  series: readonly LineSeries[];
  /** What x counts. Default: steps. */
  axis?: ChartAxis;
  logX?: boolean;
  logY?: boolean;
  /** Weight of the moving average, in [0, 1); the unsmoothed line stays faintly behind. */
  smoothing?: number;
  /** Whether to show what smoothing, spans or a group hide as a band from the smallest to the largest. */
  band?: boolean;
  /** What it is zoomed to; null: all of it. Without this the chart keeps it itself. */
  range?: ChartRange | null;
  /** A part was chosen: its points can be asked for in full detail now. Null: all of it again. */
  onZoom?: (range: ChartRange | null) => void;
  /** px */
  height?: number;
  /** Charts of one key show their cursors together. */
  syncKey?: string;
}

/** Lines over one axis: drag to zoom, double-click for all of it; as a table too. */
export function LineChart(props: LineChartProps) {
  const { label, heading, series, axis = "step", logX = false, logY = false } = props;
  const { smoothing = 0, band = false, height = 260, syncKey = "charts", onZoom } = props;
  const scheme = useComputedColorScheme("light");
  const [table, setTable] = useState(false);
  const [ownRange, setOwnRange] = useState<ChartRange | null>(null);
  const range = props.range === undefined ? ownRange : props.range;
  const lines = useMemo(
    () => drawnLines(series, { smoothing, band, scheme }),
    [series, smoothing, band, scheme],
  );
  const content = useMemo(
    () => ({ lines, ...rangesOf(lines, { range, logX, logY }) }),
    [lines, range, logX, logY],
  );
  const zoom = (next: ChartRange | null): void => {
    setOwnRange(next);
    onZoom?.(next);
  };
  const { min, max } = content.x;
  const count = series.reduce((sum, { x }) => sum + x.length, 0);
  return (
    <div>
      <Group justify="space-between" align="center" wrap="nowrap" gap="xs">
        <div style={{ minWidth: 0 }}>{heading}</div>
        <ChartActions
          label={label}
          table={table}
          onTable={setTable}
          onDownload={() => download(`${label}.csv`, csvOf(rowsOf(series, range), axisTitles[axis]))}
          onZoomIn={() => zoom({ min: min + (max - min) / 4, max: max - (max - min) / 4 })}
          onReset={range === null ? undefined : () => zoom(null)}
        />
      </Group>
      {table && <ChartTable label={label} series={series} range={range} axis={axis} />}
      {!table && count === 0 && (
        <Text c="dimmed" size="sm">
          {range === null ? "There are no points yet." : "There are no points in this part."}
        </Text>
      )}
      {/* Who chooses the colours has a legend of its own. */}
      {!table && count > 0 && series.every(({ color }) => color === undefined) && (
        <ChartLegend lines={lines} />
      )}
      {!table && count > 0 && (
        <PlotArea
          label={label}
          content={content}
          options={{ height, axis, logX, logY, syncKey, ink: scheme === "dark" ? "#c9c9c9" : "#424242" }}
          onZoom={zoom}
        />
      )}
      <Hidden series={series} logX={logX} logY={logY} />
    </div>
  );
}

function Hidden({ series, logX, logY }: Required<Pick<LineChartProps, "series" | "logX" | "logY">>) {
  const { infinite, notPositive } = useMemo(() => countHidden(series, { logX, logY }), [series, logX, logY]);
  const said = [
    ...(infinite > 0 ? [`${values(infinite)} no finite number.`] : []),
    ...(notPositive > 0
      ? [`${values(notPositive)} not above 0: a logarithmic axis has no place for it.`]
      : []),
  ];
  if (said.length === 0) return null;
  return (
    <Text size="xs" c="dimmed">
      {said.join(" ")}
    </Text>
  );
}

function values(count: number): string {
  return count === 1 ? "1 point is" : `${formatCount(count)} points are`;
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replaceAll(/[^\p{L}\p{N}. _-]/gu, "_");
  link.click();
  URL.revokeObjectURL(address);
}
