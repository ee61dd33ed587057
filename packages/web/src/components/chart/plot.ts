import uPlot from "uplot";
import { axisTitles, formatRelative, formatTimes, relativeIncrements } from "./axis-text.ts";
import { drawLines } from "./draw.ts";
import type { DrawnLine } from "./lines.ts";
import type { ChartAxis, ChartRange } from "./series.ts";
import { formatMetric } from "../format.ts";

/** What a chart shows; changes without a new chart. */
export interface PlotContent {
  lines: readonly DrawnLine[];
  x: ChartRange;
  y: ChartRange;
}

/** What makes another chart. */
export interface PlotOptions {
  width: number;
  height: number;
  axis: ChartAxis;
  logX: boolean;
  logY: boolean;
  /** Of axes and their texts. */
  ink: string;
  /** Charts of one key show their cursors together. */
  syncKey: string;
}

export interface PlotEvents {
  /** Null: all of it. */
  onZoom: (range: ChartRange | null) => void;
  /** Where the cursor is: x, and y as a fraction of the height; null: nowhere. */
  onCursor: (cursor: PlotCursor | null) => void;
}

export interface PlotCursor {
  x: number;
  y: number;
  /** CSS pixels from the left of the plotting area. */
  left: number;
  /** Is it this chart's own, not that of one it is shown together with? */
  own: boolean;
}

/** Least CSS pixels of a drag that zooms: less is a click. */
const leastDrag = 4;

/** A chart of uPlot with axes and a cursor; the lines are drawn by `drawLines`. */
export class Plot {
  readonly #chart: uPlot;
  #content: PlotContent;

  constructor(place: HTMLElement, options: PlotOptions, content: PlotContent, events: PlotEvents) {
    this.#content = content;
    this.#chart = new uPlot(this.#options(options, events), dataOf(content), place);
  }

  show(content: PlotContent): void {
    this.#content = content;
    this.#chart.setData(dataOf(content));
  }

  resize(width: number, height: number): void {
    if (width !== this.#chart.width || height !== this.#chart.height) this.#chart.setSize({ width, height });
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #options(options: PlotOptions, events: PlotEvents): uPlot.Options {
    const { width, height, axis, logX, logY, ink, syncKey } = options;
    const ruled: uPlot.Axis = {
      stroke: ink,
      font: "12px system-ui, sans-serif",
      grid: { stroke: `${ink}22`, width: 1 },
      ticks: { stroke: `${ink}44`, width: 1 },
    };
    return {
      width,
      height,
      ms: 1,
      padding: [8, 16, 0, 0],
      legend: { show: false },
      scales: {
        x: {
          time: axis === "time",
          ...(logX ? { distr: 3 as const, log: 10 as const } : {}),
          range: () => [this.#content.x.min, this.#content.x.max],
        },
        y: {
          ...(logY ? { distr: 3 as const, log: 10 as const } : {}),
          range: () => [this.#content.y.min, this.#content.y.max],
        },
      },
      axes: [
        {
          ...ruled,
          ...xAxis(axis),
          label: axisTitles[axis],
          labelFont: "12px system-ui, sans-serif",
          labelSize: 18,
        },
        {
          ...ruled,
          size: 62,
          values: (_, marks) => marks.map((mark: number | null) => (mark === null ? "" : formatMetric(mark))),
        },
      ],
      // Nothing of it is drawn; the scales need a series each.
      series: [{}, { paths: () => null, points: { show: false } }],
      cursor: {
        points: { show: false },
        y: false,
        drag: { x: true, y: false, setScale: false, dist: leastDrag },
        sync: {
          key: syncKey,
          scales: ["x", null],
          setSeries: false,
          // A drag zooms the chart in which it is made.
          filters: { pub: (type) => type === "mousemove" || type === "mouseleave" },
        },
        bind: { dblclick: () => () => (events.onZoom(null), null) },
      },
      hooks: {
        draw: [(chart) => drawLines(chart, this.#content.lines)],
        setSelect: [(chart) => zoom(chart, events.onZoom)],
        setCursor: [(chart) => events.onCursor(cursorOf(chart))],
      },
    };
  }
}

function xAxis(axis: ChartAxis): Partial<uPlot.Axis> {
  if (axis === "time")
    return {
      values: (_, marks, _axis, _space, increment) => formatTimes(marks, increment),
      space: 70,
      size: 46,
    };
  if (axis === "relative")
    return {
      size: 30,
      incrs: relativeIncrements,
      values: (_, marks, _axis, _space, increment) => marks.map((mark) => formatRelative(mark, increment)),
    };
  return {
    size: 30,
    values: (_, marks) => marks.map((mark: number | null) => (mark === null ? "" : formatMetric(mark))),
  };
}

function zoom(chart: uPlot, onZoom: PlotEvents["onZoom"]): void {
  const { left, width, height } = chart.select;
  if (width < leastDrag) return;
  const [min, max] = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
  chart.setSelect({ left: 0, top: 0, width: 0, height }, false);
  if (min < max) onZoom({ min, max });
}

function cursorOf(chart: uPlot): PlotCursor | null {
  const { left = -1, top = -1, event } = chart.cursor;
  if (left < 0) return null;
  const own = event !== undefined && event !== null && chart.over.matches(":hover");
  return { x: chart.posToVal(left, "x"), y: chart.posToVal(top, "y"), left, own };
}

function dataOf({ x, y }: PlotContent): uPlot.AlignedData {
  return [
    [x.min, x.max],
    [y.min, y.max],
  ];
}
