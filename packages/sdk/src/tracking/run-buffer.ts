import { InvalidTracking } from "./errors.ts";
import { checkKey, cutText, droppedTag, limits, type Batch, type MetricPoint } from "./batch.ts";

/**
 * What a run has still to send: metric points in the order they were logged, params and tags, at
 * most `capacity` in all. When full, the oldest metric point makes room: the newest say how a run
 * stands now. With no metric point left to give, the newcomer is refused.
 */
export class RunBuffer {
  readonly capacity: number;
  private metrics: MetricPoint[] = [];
  private head = 0;
  private readonly params = new Map<string, string>();
  private readonly tags = new Map<string, string>();
  /** Every param of the run, sent or not: MLflow refuses a second value, so do we, at once. */
  private readonly known = new Map<string, string>();

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new InvalidTracking(`maxBuffered must be a whole number from 1; found ${capacity}.`);
    }
    this.capacity = capacity;
  }

  get size(): number {
    return this.metrics.length - this.head + this.params.size + this.tags.size;
  }

  /** What counts against the capacity: all but the SDK's own tag. */
  private get held(): number {
    return this.size - (this.tags.has(droppedTag) ? 1 : 0);
  }

  /** @returns how many points were dropped for it: 0 or 1 */
  addMetric(point: MetricPoint): number {
    const dropped = this.makeRoom();
    if (this.held < this.capacity) this.metrics.push(point);
    return dropped;
  }

  /** @throws InvalidTracking when the param already has another value */
  addParam(key: string, text: string): number {
    checkKey("param", key);
    const value = cutText(text, limits.paramValue);
    const known = this.known.get(key);
    if (known === value) return 0;
    if (known !== undefined) {
      throw new InvalidTracking(
        `Param "${key}" is "${cutText(known, 100)}" and cannot become "${cutText(value, 100)}": ` +
          "params are set once. Use a tag for what changes.",
      );
    }
    const dropped = this.makeRoom();
    if (this.held >= this.capacity) return dropped;
    this.known.set(key, value);
    this.params.set(key, value);
    return dropped;
  }

  addTag(key: string, text: string): number {
    checkKey("tag", key);
    const dropped = this.tags.has(key) || key === droppedTag ? 0 : this.makeRoom();
    if (this.held < this.capacity || this.tags.has(key) || key === droppedTag) {
      this.tags.set(key, cutText(text, limits.tagValue));
    }
    return dropped;
  }

  /** Removes and returns the oldest of each kind, as many as one request may carry. */
  take(): Batch {
    const batch: Batch = { metrics: [], params: [], tags: [] };
    let text = 0;
    for (const [source, taken, limit] of [
      [this.params, batch.params, limits.params],
      [this.tags, batch.tags, limits.tags],
    ] as const) {
      for (const [key, value] of source) {
        if (taken.length === limit || text > limits.text) break;
        text += key.length + value.length;
        taken.push([key, value]);
        source.delete(key);
      }
    }
    const room = limits.entities - batch.params.length - batch.tags.length;
    const waiting = this.metrics.length - this.head;
    const count = text > limits.text ? 0 : Math.min(room, waiting, limits.metrics);
    batch.metrics = this.metrics.slice(this.head, this.head + count);
    this.head += count;
    if (this.head >= this.metrics.length / 2) {
      this.metrics = this.metrics.slice(this.head);
      this.head = 0;
    }
    return batch;
  }

  private makeRoom(): number {
    if (this.held < this.capacity) return 0;
    if (this.head < this.metrics.length) {
      this.head++;
      if (this.head > this.capacity) {
        this.metrics = this.metrics.slice(this.head);
        this.head = 0;
      }
    }
    return 1;
  }
}
