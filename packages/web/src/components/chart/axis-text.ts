import { formatCount, formatMetric, formatSeconds } from "../format.ts";
import type { ChartAxis } from "./series.ts";

/** What an axis is called under a chart. */
export const axisTitles: Readonly<Record<ChartAxis, string>> = {
  step: "step",
  relative: "time since the first point",
  time: "time",
};

/** A value of x in words: `1,200`, `3 min`, `2026-11-29 10:15:03`. */
export function formatX(value: number, axis: ChartAxis): string {
  if (axis === "time") return `${dateText(value)} ${clockText(value, true)}`;
  if (axis === "relative") return value === 0 ? "0 s" : formatSeconds(value);
  return Number.isInteger(value) ? formatCount(value) : formatMetric(value);
}

/** Seconds between two marks of an axis of relative time, in numbers that people count in. */
export const relativeIncrements = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000, 2_592_000,
];

const units = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
] as const;

/** A mark of an axis of relative time, in the unit of its steps: `90 min` where every 30 min are marked. */
export function formatRelative(seconds: number, increment: number): string {
  if (seconds === 0) return "0";
  const unit = units.find(([length]) => increment % length === 0);
  if (unit !== undefined) return `${formatCount(seconds / unit[0])} ${unit[1]}`;
  return increment >= 1 ? `${formatCount(seconds)} s` : `${Number(seconds.toPrecision(6))} s`;
}

/** Marks of an axis of time: the clock, and the date below where a new one begins. */
export function formatTimes(marks: readonly number[], incrementMs: number): string[] {
  let date = "";
  return marks.map((mark) => {
    const [before, text] = [date, dateText(mark)];
    date = text;
    if (incrementMs >= 86_400_000) return text;
    const clock = clockText(mark, incrementMs < 60_000);
    return before === text ? clock : `${clock}\n${text}`;
  });
}

function dateText(ms: number): string {
  return new Date(ms).toLocaleDateString("en-CA");
}

function clockText(ms: number, seconds: boolean): string {
  return new Date(ms).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
  });
}
