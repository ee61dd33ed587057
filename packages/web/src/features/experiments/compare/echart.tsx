import { useElementSize } from "@mantine/hooks";
import { ParallelChart, ScatterChart } from "echarts/charts";
import { GridComponent, ParallelComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([CanvasRenderer, GridComponent, ParallelChart, ParallelComponent, ScatterChart, TooltipComponent]);

export interface EChartProps {
  /** Told to who cannot see it. */
  label: string;
  option: EChartsCoreOption;
  /** px */
  height: number;
  /** Called with every new chart, to listen to it. */
  onChart?: (chart: EChartsType) => void;
}

/** A chart of ECharts on a canvas, of the width there is. */
export function EChart({ label, option, height, onChart }: EChartProps) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null || width === 0) return undefined;
    const chart = init(place.current, null, { renderer: "canvas", width, height });
    chart.setOption(option);
    onChart?.(chart);
    return () => chart.dispose();
  }, [option, width, height, onChart]);
  return (
    <div ref={ref} role="img" aria-label={label} style={{ height }}>
      <div ref={place} />
    </div>
  );
}
