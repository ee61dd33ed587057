import { HearthError } from "../../errors.ts";
import { checkKey } from "../keys.ts";

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

/**
 * Checks a point and gives it its stored form. `place` is where a request has it, such as `metrics[3]`.
 *
 * @throws HearthError `invalid_request`
 */
export function storedPoint(point: MetricPoint, place = ""): StoredPoint {
  const { key, step, timestamp } = point;
  const inside = (field: string) => (place === "" ? field : `${place}.${field}`);
  checkKey(key, inside("name"), "Metric name");
  if (!Number.isSafeInteger(step)) throw notWhole(inside("step"), point.step, point);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw notWhole(inside("timestamp"), point.timestamp, point);
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

function notWhole(place: string, found: number, { key, value }: MetricPoint): HearthError {
  const rule = place.endsWith("timestamp")
    ? "Timestamp must be a nonnegative long (64-bit integer)"
    : "Step must be a valid long (64-bit integer)";
  return new HearthError(
    "invalid_request",
    `Invalid value ${found} for parameter '${place}' supplied: metric '${key}' (value=${value}). ${rule}.`,
    { details: { field: place } },
  );
}
