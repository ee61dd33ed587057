import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

export interface EventLoopDelay {
  p50: number;
  p99: number;
  max: number;
}

const windowMs = 60_000;
const resolutionMs = 10;

/** Watches how late the event loop runs, in seconds, over the last one to two minutes. */
export class EventLoopWatch implements Disposable {
  private readonly histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  private readonly timer: NodeJS.Timeout;
  private previous: EventLoopDelay | null = null;

  constructor() {
    this.histogram.enable();
    this.timer = setInterval(() => {
      this.previous = this.current();
      this.histogram.reset();
    }, windowMs);
    this.timer.unref();
  }

  /** The worse of the running window and the one before it. */
  read(): EventLoopDelay {
    const now = this.current();
    const before = this.previous ?? now;
    return {
      p50: Math.max(now.p50, before.p50),
      p99: Math.max(now.p99, before.p99),
      max: Math.max(now.max, before.max),
    };
  }

  /** Starts a new measurement; what was before is forgotten. */
  reset(): void {
    this.previous = null;
    this.histogram.reset();
  }

  /** The histogram holds the whole interval of its timer: what is beyond the asked resolution is delay. */
  private current(): EventLoopDelay {
    const seconds = (nanoseconds: number) =>
      Math.max(0, Number.isFinite(nanoseconds) ? nanoseconds / 1e9 - resolutionMs / 1e3 : 0);
    if (this.histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
    return {
      p50: seconds(this.histogram.percentile(50)),
      p99: seconds(this.histogram.percentile(99)),
      max: seconds(this.histogram.max),
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    this.histogram.disable();
  }
}
