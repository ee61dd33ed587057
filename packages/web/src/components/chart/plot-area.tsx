import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import classes from "./chart.module.css";
import { CursorLegend } from "./cursor-legend.tsx";
import { Plot, type PlotContent, type PlotCursor, type PlotOptions } from "./plot.ts";
import type { ChartRange } from "./series.ts";

export interface PlotAreaProps {
  label: string;
  /** Memoised: another one is drawn. */
  content: PlotContent;
  options: Omit<PlotOptions, "width">;
  onZoom: (range: ChartRange | null) => void;
}

/** The drawn part of a chart, as wide as there is room, with the values under the cursor. */
export function PlotArea({ label, content, options, onZoom }: PlotAreaProps) {
  const { height, axis, logX, logY, ink, syncKey } = options;
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef({ content, onZoom, width });
  const [cursor, setCursor] = useState<PlotCursor | null>(null);
  const measured = width > 0;
  useEffect(() => {
    latest.current = { content, onZoom, width };
  });
  useEffect(() => {
    if (place.current === null || !measured) return undefined;
    const made = new Plot(
      place.current,
      { width: latest.current.width, height, axis, logX, logY, ink, syncKey },
      latest.current.content,
      { onZoom: (range) => latest.current.onZoom(range), onCursor: setCursor },
    );
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [measured, height, axis, logX, logY, ink, syncKey]);
  useEffect(() => plot.current?.show(content), [content]);
  useEffect(() => plot.current?.resize(width, height), [width, height]);
  return (
    <div ref={ref} className={classes["plot"] ?? ""} style={{ height }}>
      <div ref={place} role="img" aria-label={label} />
      {cursor !== null && (
        <CursorLegend lines={content.lines} cursor={cursor} axis={axis} logY={logY} width={width} />
      )}
    </div>
  );
}
