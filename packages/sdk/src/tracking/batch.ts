import { InvalidTracking } from "./errors.ts";

/** How many points were left out of a run is a tag of the run. */
export const droppedTag = "hearth.dropped_points";

export interface MetricPoint {
  key: string;
  value: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  step: number;
}

/** What one `runs/log-batch` carries. */
export interface Batch {
  metrics: MetricPoint[];
  params: [key: string, value: string][];
  tags: [key: string, value: string][];
}

/** Limits of MLflow's `runs/log-batch`; a longer value would be cut by the server, without a note. */
export const limits = {
  metrics: 1000,
  params: 100,
  tags: 100,
  entities: 1000,
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  /** UTF-16 units of all keys and values: three bytes each stay under the server's 1,000,000. */
  text: 300_000,
} as const;

const cutNote = "… [cut]";

/** A text of at most `length` UTF-16 units; a cut one says so at its end. */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length - cutNote.length) + cutNote;
}

/** Refuses, before it is sent, a key for which a server would refuse the whole batch around it. */
export function checkKey(kind: "metric" | "param" | "tag", key: string): string {
  if (key.length === 0 || key.length > limits.key) {
    throw new InvalidTracking(
      `The name of a ${kind} has 1 to ${limits.key} characters; "${key.slice(0, 40)}" has ${key.length}.`,
    );
  }
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    throw new InvalidTracking(
      `The name of a ${kind} holds letters, digits and the signs _ - . / : and space; "${key}" holds others.`,
    );
  }
  // Servers keep some of these as files and take only names that are paths in their shortest form.
  if (
    key.startsWith("/") ||
    key.endsWith("/") ||
    key.split("/").some((part) => ["", ".", ".."].includes(part))
  ) {
    throw new InvalidTracking(
      `The name of a ${kind} may not begin or end with "/" nor hold "//", "." or ".." as a part; found "${key}".`,
    );
  }
  return key;
}

/** A name made of anything that the servers take: other signs become "_". */
export function keyFrom(text: string): string {
  const parts = text
    .replaceAll(/[^/\p{L}\p{N}_.\- :]/gu, "_")
    .split("/")
    .map((part) => (/^\.{1,2}$/.test(part) ? "_" : part))
    .filter((part) => part !== "");
  return parts.join("/").slice(0, limits.key).replace(/\/+$/, "") || "_";
}

export function isEmpty(batch: Batch): boolean {
  return batch.metrics.length + batch.params.length + batch.tags.length === 0;
}

/** The body of `runs/log-batch`. */
export function batchBody(runId: string, batch: Batch): Record<string, unknown> {
  return {
    run_id: runId,
    metrics: batch.metrics.map((point) => ({ ...point, value: doubleText(point.value) })),
    params: batch.params.map(([key, value]) => ({ key, value })),
    tags: batch.tags.map(([key, value]) => ({ key, value })),
  };
}

/** JSON has no NaN and no infinities; proto-JSON writes them as words. */
function doubleText(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** How many points, params and tags of the user's; the number of drops is the SDK's own tag. */
export function countOf(batch: Batch): number {
  const ours = batch.tags.filter(([key]) => key === droppedTag).length;
  return batch.metrics.length + batch.params.length + batch.tags.length - ours;
}

/** Smaller batches that find the one thing a server does not take: by kind, then one by one. */
export function splitBatch(batch: Batch): Batch[] {
  const kinds = [
    { metrics: batch.metrics, params: [], tags: [] },
    { metrics: [], params: batch.params, tags: [] },
    { metrics: [], params: [], tags: batch.tags },
  ].filter((part) => !isEmpty(part));
  if (kinds.length > 1) return kinds;
  return [
    ...batch.params.map((param) => ({ metrics: [], params: [param], tags: [] })),
    ...batch.tags.map((tag) => ({ metrics: [], params: [], tags: [tag] })),
  ];
}
