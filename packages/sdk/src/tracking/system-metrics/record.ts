import { node, type Node } from "../platform/node.ts";
import { unref } from "../retry.ts";
import { InvalidTracking } from "../errors.ts";
import type { Run } from "../run.ts";
import { gpuReader } from "./gpu.ts";
import { diskReader, memoryReader, networkReader, processorReader } from "./machine.ts";

/** Gives readings by MLflow's names without the prefix `system/`; what cannot be read here is left out. */
export type Reader = () => Promise<Record<string, number>>;

const shortestIntervalMs = 100;

/**
 * Records the machine's readings into a run until it ends, every `intervalMs` and once at the end,
 * under the names of MLflow's own clients; memory and disk in megabytes of 1,000,000 bytes.
 * Does nothing in a browser, which shows a page none of it.
 */
export function recordSystemMetrics(run: Run, intervalMs: number): void {
  if (!(intervalMs >= shortestIntervalMs)) {
    throw new InvalidTracking(
      `systemMetrics.intervalMs must be at least ${shortestIntervalMs}; found ${intervalMs}.`,
    );
  }
  const modules = node();
  if (modules === null) return;
  const sample = sampler(readersOf(modules));
  let step = 0;
  let sampling: Promise<void> | null = null;
  const record = async () => {
    const metrics = await sample();
    run.logMetrics(metrics, { step: step++ });
  };
  const timer = setInterval(() => {
    // A reading that takes longer than the interval is not started twice.
    sampling ??= record()
      // The run ended while its machine was being read: the end has a reading of its own.
      .catch(() => undefined)
      .finally(() => {
        sampling = null;
      });
  }, intervalMs);
  unref(timer);
  run.outbox.created.catch(() => {
    clearInterval(timer);
  });
  run.onEnd(async () => {
    clearInterval(timer);
    await sampling;
    const metrics = await sample();
    // The run takes nothing more through its own methods while it ends.
    const timestamp = Date.now();
    for (const [key, value] of Object.entries(metrics)) run.outbox.addMetric({ key, value, timestamp, step });
  });
}

function readersOf(modules: Node): Reader[] {
  return [
    processorReader(modules),
    memoryReader(modules),
    diskReader(modules),
    networkReader(modules),
    gpuReader(modules),
  ];
}

/** All readings of this moment, to one decimal, as MLflow's own. */
export function sampler(readers: readonly Reader[]): Reader {
  return async () => {
    const readings = await Promise.all(readers.map((read) => read()));
    const rounded = readings
      .flatMap((reading) => Object.entries(reading))
      .filter(([, value]) => Number.isFinite(value))
      .map(([key, value]) => [`system/${key}`, Math.round(value * 10) / 10] as const);
    return Object.fromEntries(rounded);
  };
}
