import { createHash } from "node:crypto";
import { randomNumbers } from "../../bench/random-numbers.ts";
import type { MlflowApi } from "./mlflow-api.ts";

/** What the hub said yes to, and what it was asked for without an answer. */
export interface Written {
  /** Steps of the metric `single`. */
  singles: number[];
  /** Numbers of the batches. */
  batches: number[];
  /** Ids of runs. */
  runs: string[];
  /** Names of artifacts. */
  artifacts: string[];
}

export interface Storm {
  acknowledged: Written;
  /** Batches and artifacts that were begun, whether or not they were answered. */
  begun: { batches: Set<number>; artifacts: Set<string> };
  /** Fulfilled when the writers have stopped, because the hub went away. */
  ended: Promise<void>;
}

export interface StormTarget {
  experiment: string;
  run: string;
  artifacts: string;
}

export const pointsPerBatch = 25;
const writersPerKind = 2;

/** The content of the artifact of this name, up to a megabyte: the name decides every byte. */
export function artifactContent(name: string): Buffer<ArrayBuffer> {
  const digest = createHash("sha256").update(name).digest();
  const random = randomNumbers(digest.readUInt32LE(0));
  return Buffer.alloc(Math.floor(random() * 1_000_000) + 1, digest);
}

/** The request of a batch: its number is in a param, a tag and all its points. */
export function batchRequest(run: string, batch: number): object {
  return {
    run_id: run,
    params: [{ key: `batch-${batch}`, value: String(batch) }],
    tags: [{ key: `batch-${batch}`, value: String(batch) }],
    metrics: Array.from({ length: pointsPerBatch }, (_, step) => ({
      key: `batch-${batch}`,
      value: batch,
      timestamp: step,
      step,
    })),
  };
}

/** Two tags of a run made by the storm: one without the other is half a run. */
export const runTags = [
  { key: "first", value: "1" },
  { key: "second", value: "2" },
];

/**
 * Writes metrics, batches, runs and artifacts at once until the hub no longer answers. `from` numbers what is
 * written, so that storms on one run do not repeat each other; `acknowledge` is told of every yes.
 */
export function startStorm(
  api: MlflowApi,
  target: StormTarget,
  from: number,
  acknowledge: (count: number) => void,
): Storm {
  const acknowledged: Written = { singles: [], batches: [], runs: [], artifacts: [] };
  const begun = { batches: new Set<number>(), artifacts: new Set<string>() };
  let count = 0;
  let next = from;
  const writer = async (write: (number: number) => Promise<void>): Promise<void> => {
    for (;;) {
      const number = next;
      next += 1;
      try {
        await write(number);
      } catch (error) {
        // The hub is gone: what fetch throws then. Anything that it answered is an error of the test.
        if (error instanceof TypeError) return;
        throw error;
      }
      count += 1;
      acknowledge(count);
    }
  };
  const yes = ({ status, body }: { status: number; body: unknown }): unknown => {
    if (status !== 200) throw new Error(`the hub answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const kinds: ((number: number) => Promise<void>)[] = [
    async (step) => {
      yes(
        await api.post("runs/log-metric", {
          run_id: target.run,
          key: "single",
          value: step,
          timestamp: step,
          step,
        }),
      );
      acknowledged.singles.push(step);
    },
    async (batch) => {
      begun.batches.add(batch);
      yes(await api.post("runs/log-batch", batchRequest(target.run, batch)));
      acknowledged.batches.push(batch);
    },
    async () => {
      const body = yes(await api.post("runs/create", { experiment_id: target.experiment, tags: runTags }));
      const id = /"run_id":"([0-9a-f]{32})"/.exec(JSON.stringify(body))?.[1];
      if (id === undefined) throw new Error(`no run id in ${JSON.stringify(body)}`);
      acknowledged.runs.push(id);
    },
    async (number) => {
      const name = `artifact-${number}.bin`;
      begun.artifacts.add(name);
      yes(await api.ask("PUT", `${target.artifacts}/${name}`, artifactContent(name)));
      acknowledged.artifacts.push(name);
    },
  ];
  const writers = kinds.flatMap((write) => Array.from({ length: writersPerKind }, () => writer(write)));
  return { acknowledged, begun, ended: Promise.all(writers).then(() => {}) };
}
