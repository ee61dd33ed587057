import type uPlot from "uplot";
import type { DrawnLine } from "./lines.ts";
import { lowerBound } from "./series.ts";

type Place = (value: number) => number;

/**
 * Draws lines into a chart of uPlot, in its scales. Each has its own x: with one common x for all, as uPlot wants
 * it, a hundred runs that were logged at different times would be a table of millions of gaps.
 */
export function drawLines(chart: uPlot, lines: readonly DrawnLine[]): void {
  const { ctx, bbox } = chart;
  const x = placeOf(chart, "x");
  const y = placeOf(chart, "y");
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = "round";
  for (const line of lines) drawBand(ctx, line, visible(chart, line), x, y);
  for (const line of lines) {
    if (line.behind === null) continue;
    ctx.globalAlpha = 0.25;
    ctx.lineWidth = ratio;
    drawLine(ctx, { ...line, y: line.behind, dash: [] }, visible(chart, line), x, y);
  }
  ctx.globalAlpha = 1;
  ctx.lineWidth = (lines.length > 20 ? 1 : 1.5) * ratio;
  for (const line of lines) drawLine(ctx, line, visible(chart, line), x, y);
  ctx.restore();
}

/** From a value to its place on the canvas; NaN where it has none. */
function placeOf(chart: uPlot, axis: "x" | "y"): Place {
  const scale = chart.scales[axis];
  const form: Place =
    scale?.distr === 3 ? (value) => (value > 0 ? Math.log10(value) : NaN) : (value) => value;
  const [min, max] = [form(scale?.min ?? 0), form(scale?.max ?? 1)];
  const { left, top, width, height } = chart.bbox;
  const [start, length] = axis === "x" ? [left, width] : [top + height, -height];
  return (value) => start + ((form(value) - min) / (max - min)) * length;
}

interface Visible {
  start: number;
  end: number;
}

/** The points to draw: those in sight and one more on either side, to which lines lead. */
function visible(chart: uPlot, { x }: DrawnLine): Visible {
  const { min, max } = chart.scales["x"] ?? {};
  return {
    start: Math.max(0, lowerBound(x, min ?? -Infinity) - 1),
    end: Math.min(x.length, lowerBound(x, max ?? Infinity) + 1),
  };
}

function drawLine(
  ctx: CanvasRenderingContext2D,
  { x, y, color, dash }: Pick<DrawnLine, "x" | "y" | "color" | "dash">,
  { start, end }: Visible,
  placeX: Place,
  placeY: Place,
): void {
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  const dots: [number, number][] = [];
  // Points of the piece that is being drawn: one alone has no line, and becomes a dot.
  let piece = 0;
  let [left, top] = [0, 0];
  const finish = (): void => {
    if (piece === 1) dots.push([left, top]);
    piece = 0;
  };
  for (let index = start; index < end; index++) {
    const [pointX, pointY] = [placeX(x[index] ?? NaN), placeY(y[index] ?? NaN)];
    if (Number.isNaN(pointX) || Number.isNaN(pointY)) {
      finish();
      continue;
    }
    [left, top] = [pointX, pointY];
    if (piece === 0) ctx.moveTo(left, top);
    else ctx.lineTo(left, top);
    piece += 1;
  }
  finish();
  ctx.stroke();
  ctx.setLineDash([]);
  for (const [dotLeft, dotTop] of dots) {
    ctx.beginPath();
    ctx.arc(dotLeft, dotTop, 3 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
}

function drawBand(
  ctx: CanvasRenderingContext2D,
  { x, band, color }: DrawnLine,
  { start, end }: Visible,
  placeX: Place,
  placeY: Place,
): void {
  if (band === null) return;
  ctx.fillStyle = color;
  ctx.globalAlpha = 0.18;
  let piece: { left: number; low: number; high: number }[] = [];
  const finish = (): void => {
    if (piece.length > 0) {
      ctx.beginPath();
      for (const { left, high } of piece) ctx.lineTo(left, high);
      for (const { left, low } of piece.toReversed()) ctx.lineTo(left, low);
      ctx.fill();
    }
    piece = [];
  };
  for (let index = start; index < end; index++) {
    const left = placeX(x[index] ?? NaN);
    const low = placeY(band.min[index] ?? NaN);
    const high = placeY(band.max[index] ?? NaN);
    if (Number.isNaN(left + high)) finish();
    // What reaches below 0 goes to the bottom of a logarithmic axis.
    else piece.push({ left, high, low: Number.isNaN(low) ? ctx.canvas.height : low });
  }
  finish();
}
