import { HearthError } from "../../errors.ts";

/** One value of a metric. `timestamp` is in ms since the epoch; `step` may be negative. */
export interface MetricPoint {
  key: string;
  value: number;
  step: number;
  timestamp: number;
}

/** A point as it is stored: 0 stands for NaN, the largest double for ±Infinity, as in MLflow. */
export interface StoredPoint {
  key: string;
  value: number;
  is_nan: 0 | 1;
  timestamp: number;
  step: number;
}

const maxKeyLength = 250;

/** Checks a point and gives it its stored form. Throws `invalid_request`. */
export function storedPoint(point: MetricPoint): StoredPoint {
  const { key, step, timestamp } = point;
  if (key === "" || key.length > maxKeyLength || key.includes("\0")) {
    throw new HearthError(
      "invalid_request",
      `A metric's key has 1 to ${maxKeyLength} characters and no NUL; found ${JSON.stringify(key.slice(0, 300))}.`,
    );
  }
  if (!Number.isSafeInteger(step)) throw notWhole("step", point);
  if (!Number.isSafeInteger(timestamp)) throw notWhole("timestamp", point);
  const isNan = Number.isNaN(point.value);
  const bounded = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, point.value));
  // "+ 0" makes −0 the 0 that both databases keep.
  return { key, value: isNan ? 0 : bounded + 0, is_nan: isNan ? 1 : 0, timestamp, step };
}

/** A stored value as the hub's own API shows it: null stands for NaN. */
export function shownValue(row: { value: number; is_nan: number }): number | null {
  return row.is_nan === 1 ? null : row.value;
}

/** Is `a` the later one? The order of MLflow's latest value: step, timestamp, value. */
export function isLater(a: StoredPoint, b: StoredPoint): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return a.value > b.value;
}

function notWhole(field: "step" | "timestamp", point: MetricPoint): HearthError {
  return new HearthError(
    "invalid_request",
    `The ${field} of metric ${point.key} must be a whole number; found ${point[field]}.`,
  );
}
