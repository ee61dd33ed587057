import { setTimeout as delay } from "node:timers/promises";
import type { ChildExit } from "./exit.ts";
import { superviseChild } from "./supervisor.ts";
import type { ChildOptions, SupervisedChild } from "./supervisor.ts";

export interface RestartPolicy {
  firstDelayMs: number;
  maximumDelayMs: number;
  /** A child that ran this long ends the series: the next delay is the first again. */
  healthyAfterMs: number;
  /** Starts in one series before it is given up. */
  maximumStarts: number;
  /** In [0, 1); spreads restarts of several children. */
  random: () => number;
}

export const defaultRestartPolicy: RestartPolicy = {
  firstDelayMs: 500,
  maximumDelayMs: 30_000,
  healthyAfterMs: 60_000,
  maximumStarts: 8,
  random: Math.random,
};

/** Delay before start number `failures + 1` of a series: doubled each time, capped, then taken from its upper half at random. */
export function restartDelay(policy: RestartPolicy, failures: number): number {
  const full = Math.min(policy.maximumDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
  return full / 2 + (full / 2) * policy.random();
}

/**
 * Keeps a child running until the signal fires: starts it again, with growing delays, when
 * it ends by itself. Fulfilled with null after the signal (the child is stopped), or with
 * the last exit when the policy gives up.
 */
export async function keepRunning(
  options: ChildOptions,
  policy: RestartPolicy,
  signal: AbortSignal,
  onStart: (child: SupervisedChild) => void = () => undefined,
): Promise<ChildExit | null> {
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const child = superviseChild(options);
    onStart(child);
    const stop = (): void => void child.stop();
    signal.addEventListener("abort", stop, { once: true });
    const exit = await child.exited;
    signal.removeEventListener("abort", stop);
    if (signal.aborted) return null;
    failures = performance.now() - startedAt >= policy.healthyAfterMs ? 1 : failures + 1;
    if (failures >= policy.maximumStarts) return exit;
    // An abort while waiting ends the wait and, above, the loop.
    await delay(restartDelay(policy, failures), null, { signal }).catch(() => null);
  }
  return null;
}
