import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { TrainerCommand, TrainerEvent, TrainingSpecification } from "../trainer.ts";
import {
  chatRows,
  metricOf,
  startOf,
  specificationOf,
  temporaryFolder,
  writeRows,
  writeTinyBase,
} from "./testing/tiny-base.ts";

let shared: Awaited<ReturnType<typeof temporaryFolder>>;
let specification: TrainingSpecification;

beforeAll(async () => {
  shared = await temporaryFolder();
  specification = specificationOf(
    { recipe: "lora", epochs: 5, batch_size: 8, lora_rank: 4, checkpoint_every: 5, seed: 11 },
    {
      base: await writeTinyBase(join(shared.path, "base.gguf"), "Q8_0"),
      train: await writeRows(join(shared.path, "train.jsonl"), chatRows(32, 2)),
    },
  );
});
afterAll(() => shared[Symbol.asyncDispose]());

/** A job that would last minutes if it were left alone. */
function endless(): TrainingSpecification {
  return {
    ...specification,
    parameters: { ...specification.parameters, epochs: 1000, checkpoint_every: 100 },
  };
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

class Trainer {
  readonly events: TrainerEvent[] = [];
  readonly #child: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  #check: () => void = () => undefined;

  constructor() {
    this.#child = fork(new URL("child.ts", import.meta.url), { serialization: "advanced", stdio: "inherit" });
    children.push(this.#child);
    this.#child.on("message", (event: TrainerEvent) => {
      this.events.push(event);
      this.#check();
    });
    this.exit = once(this.#child, "exit").then(([code, signal]) => {
      this.#check();
      return { code, signal };
    });
  }

  send(command: TrainerCommand): void {
    this.#child.send(command);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  disconnect(): void {
    this.#child.disconnect();
  }

  train(folder: string, job = specification): void {
    this.send({
      type: "train",
      specification: job,
      attempt: { folder, threads: 1, memoryLimitBytes: 2 ** 32 },
    });
  }

  /** The first event that fulfils the condition; fails when the process ends without it. */
  async seen(condition: (event: TrainerEvent) => boolean): Promise<TrainerEvent> {
    for (;;) {
      const found = this.events.find(condition);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`The trainer ended without the event: ${JSON.stringify(this.events.at(-1))}`);
      }
      await new Promise<void>((resolve) => (this.#check = resolve));
    }
  }

  async step(number: number): Promise<void> {
    await this.seen((event) => event.type === "progress" && event.progress.step >= number);
  }
}

async function adapterOf(folder: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(join(folder, "adapter.gguf")))
    .digest("hex");
}

async function completed(folder: string): Promise<Trainer> {
  const trainer = new Trainer();
  trainer.train(folder);
  await trainer.seen((event) => event.type === "result");
  expect(await trainer.exit).toEqual({ code: 0, signal: null });
  return trainer;
}

describe("the trainer process", () => {
  test("does one job, gives its result and ends", async () => {
    await using folder = await temporaryFolder();
    const { events } = await completed(folder.path);
    expect(events[0]).toEqual({ type: "ready" });
    const outcome = events.at(-1);
    expect(outcome).toMatchObject({
      type: "result",
      result: { kind: "adapter", engineFile: "adapter.gguf" },
    });
    expect(metricOf(events, "loss").size).toBe(20);
  });

  test("killed in the middle, another one continues to the same losses and bytes", async () => {
    await using whole = await temporaryFolder();
    await using parts = await temporaryFolder();
    const expected = await completed(whole.path);
    const killed = new Trainer();
    killed.train(parts.path);
    // After step 5 there is a checkpoint; whatever came after it is lost.
    await killed.step(6);
    killed.kill("SIGKILL");
    expect((await killed.exit).signal).toBe("SIGKILL");
    const rest = await completed(parts.path);
    expect(rest.events).toContainEqual({
      type: "log",
      line: expect.stringContaining("Continuing after step"),
    });
    expect(startOf(rest.events)).toBeGreaterThanOrEqual(5);
    // What came before the checkpoint is told again: who listened may have been killed as well.
    expect(metricOf(rest.events, "loss")).toEqual(metricOf(expected.events, "loss"));
    expect(await adapterOf(parts.path)).toBe(await adapterOf(whole.path));
  });

  test("cancelled, says so and ends without artifacts", async () => {
    await using folder = await temporaryFolder();
    const trainer = new Trainer();
    trainer.train(folder.path, endless());
    await trainer.step(3);
    trainer.send({ type: "cancel" });
    expect((await trainer.exit).code).toBe(1);
    expect(trainer.events.at(-1)).toEqual({ type: "cancelled" });
    expect((await readdir(folder.path)).filter((name) => name.startsWith("adapter"))).toEqual([]);
  });

  test("cancelled before it has a job, ends", async () => {
    const trainer = new Trainer();
    await trainer.seen((event) => event.type === "ready");
    trainer.send({ type: "cancel" });
    await trainer.seen((event) => event.type === "cancelled");
    expect((await trainer.exit).code).toBe(1);
  });

  test("asked to stop, writes a checkpoint of the last step first", async () => {
    await using folder = await temporaryFolder();
    const trainer = new Trainer();
    trainer.train(folder.path, endless());
    await trainer.step(3);
    trainer.kill("SIGTERM");
    expect((await trainer.exit).code).toBe(143);
    const names = await readdir(folder.path);
    expect(names.filter((name) => /^checkpoint-\d+\.safetensors$/.test(name)).length).toBeGreaterThan(0);
    expect(trainer.events.some(({ type }) => type === "failed" || type === "cancelled")).toBe(false);
  });

  test("leaves a checkpoint and ends when the hub is gone", async () => {
    await using folder = await temporaryFolder();
    const trainer = new Trainer();
    trainer.train(folder.path, endless());
    await trainer.step(3);
    trainer.disconnect();
    expect((await trainer.exit).code).toBe(143);
    expect((await readdir(folder.path)).some((name) => name.startsWith("checkpoint-"))).toBe(true);
  });

  test("a failure is an event with its code", async () => {
    await using folder = await temporaryFolder();
    const missing = {
      ...specification,
      dataset: { ...specification.dataset, train: join(folder.path, "none.jsonl") },
    };
    const trainer = new Trainer();
    trainer.train(folder.path, missing);
    const failed = await trainer.seen((event) => event.type === "failed");
    expect(failed).toMatchObject({ error: { message: expect.stringContaining("none.jsonl") } });
    expect((await trainer.exit).code).toBe(1);
  });
});
