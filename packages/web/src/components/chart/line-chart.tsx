import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

export interface LineSeries {
  label: string;
  /** In the order of x; null leaves a gap. */
  y: readonly (number | null)[];
  /** A line over the gaps, for a series that is measured at some of the places only. */
  spanGaps?: boolean;
}

export interface LineChartProps {
  /** Told to who cannot see it. */
  label: string;
  /** Ascending, shared by all series. */
  x: readonly number[];
  series: readonly LineSeries[];
  /** px */
  height?: number;
  xLabel?: string;
}

/** Colours that can be told apart in both colour schemes and by the colour-blind (Okabe & Ito, 2008). */
const colors = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31"];

/** Series over one axis, drawn by uPlot. */
export function LineChart({ label, x, series, height = 260, xLabel = "step" }: LineChartProps) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const ink = useComputedColorScheme("light") === "dark" ? "#c9c9c9" : "#424242";
  useEffect(() => {
    if (place.current === null || width === 0) return undefined;
    const axis = { stroke: ink, grid: { stroke: `${ink}22` } };
    const chart = new uPlot(
      {
        width,
        height,
        scales: { x: { time: false } },
        axes: [{ ...axis, label: xLabel }, axis],
        series: [
          { label: xLabel },
          ...series.map((one, index) => ({
            label: one.label,
            stroke: colors[index % colors.length] ?? ink,
            width: 1.5,
            spanGaps: one.spanGaps ?? false,
          })),
        ],
      },
      [[...x], ...series.map((one) => [...one.y])],
      place.current,
    );
    return () => chart.destroy();
  }, [x, series, width, height, xLabel, ink]);
  return (
    <div ref={ref} role="img" aria-label={label}>
      <div ref={place} />
    </div>
  );
}
