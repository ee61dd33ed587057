import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HearthClient } from "@hearth/sdk";
import type { TrainingJob, TrainingSample } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { makeRandomModel } from "../bench/models/random-model.ts";
import { writeSmallDataset } from "./small-dataset.ts";

let home: string;
let hub: ChildProcess | null = null;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-recovery-"));
});
afterEach(async () => {
  if (hub !== null) await killHub(hub, "SIGTERM");
  await rm(home, { recursive: true, force: true });
});

/** A hub in a process of its own, as `hearth serve` starts it. */
async function startHub(): Promise<{ process: ChildProcess; client: HearthClient }> {
  hub = fork(
    new URL("../packages/hub/src/bin.ts", import.meta.url),
    ["serve", "--port", "0", "--home", home, "--json"],
    {
      execArgv: [],
      stdio: ["ignore", "pipe", "ignore", "ipc"],
      env: {
        PATH: "/usr/bin:/bin",
        HOME: home,
        HEARTH_DATA_PATHS: home,
        HEARTH_BUNDLED_MODELS: "0",
        HEARTH_SPARE_ENGINE: "0",
      },
    },
  );
  const lines = createInterface({ input: hub.stdout ?? process.stdin });
  const [line] = await once(lines, "line");
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(String(line)));
  return { process: hub, client: new HearthClient({ url }) };
}

async function killHub(process: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  hub = null;
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, "exit");
  process.kill(signal);
  await exited;
}

/** Until the job has made `steps` more steps than it had when this was called. */
async function untilSteps(client: HearthClient, jobId: string, steps: number): Promise<number> {
  for await (const event of client.jobs.events(jobId)) {
    if (event.type === "status" && event.job.status === "failed") throw new Error(event.job.error?.message);
    if (event.type === "progress" && event.progress.phase === "training" && event.progress.step >= steps)
      return event.progress.step;
  }
  throw new Error(`the job ended before step ${steps}; make it longer`);
}

async function finish(client: HearthClient, jobId: string): Promise<TrainingJob> {
  for await (const event of client.jobs.events(jobId)) {
    if (event.type === "status" && event.job.status !== "queued" && event.job.status !== "running")
      return event.job;
  }
  throw new Error("the stream ended before the job");
}

/** Pids of trainers that the hub wrote down as running. */
async function trainerPids(): Promise<number[]> {
  const files = await readdir(join(home, "processes", "trainers"));
  return files.filter((name) => name.endsWith(".json")).map((name) => Number.parseInt(name, 10));
}

async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

test.runIf(process.platform === "linux")(
  "a job survives kill -9 of its trainer and of its hub, and ends with the same bytes as one that was left alone",
  async () => {
    const first = await startHub();
    const path = join(home, "base.gguf");
    await makeRandomModel(path, { preset: "tiny", type: "F16", seed: 1 });
    await first.client.models.create({ name: "base", task_type: "chat", path });
    await first.client.models.create({ name: "tuned", task_type: "chat", base_model: "base" });
    await first.client.datasets.create({ name: "colours", path: await writeSmallDataset(home) });
    const request = {
      model_id: "tuned",
      dataset_id: "colours",
      lora_rank: 4,
      epochs: 120,
      batch_size: 4,
      checkpoint_every: 10,
      learning_rate: 0.001,
      seed: 3,
      sample_steps: 15,
    };

    const undisturbed = await finish(first.client, (await first.client.jobs.create(request)).id);
    expect(undisturbed).toMatchObject({ status: "completed", attempt: 1, error: null });

    const { id } = await first.client.jobs.create(request);
    const reached = await untilSteps(first.client, id, 20);
    const [trainer] = await trainerPids();
    process.kill(trainer ?? 0, "SIGKILL");
    await vi.waitFor(async () => expect((await first.client.jobs.get(id)).attempt).toBe(2), {
      timeout: 20_000,
    });
    await untilSteps(first.client, id, reached + 20);
    const [resumed] = await trainerPids();
    await killHub(first.process, "SIGKILL");
    await vi.waitFor(async () => expect(await runs(resumed ?? 0)).toBe(false), { timeout: 60_000 });

    const second = await startHub();
    const job = await finish(second.client, id);
    expect(job).toMatchObject({ status: "completed", attempt: 3, error: null });
    expect(job.adapter_sha256).toBe(undisturbed.adapter_sha256);
    const { items } = await second.client.runs.metric(job.run_id, "loss", { pageSize: 1000 });
    // Every step has its point, once: also those that a checkpoint held and the killed hub had not written yet.
    const steps = items.map((point) => point.step).toSorted((a, b) => a - b);
    expect(steps).toEqual(Array.from({ length: items.length }, (_, index) => index + 1));
    expect(items).toHaveLength(job.progress?.steps ?? 0);

    const samples = await second.client.jobs.samples(id);
    const place = ({ step, index }: TrainingSample) => `${step}.${index}`;
    expect(samples.length).toBeGreaterThan(3);
    expect(new Set(samples.map(place)).size).toBe(samples.length);
    // An answer that came to its end does not depend on how much time there was for it.
    const whole = (await second.client.jobs.samples(undisturbed.id)).filter(({ complete }) => complete);
    const expected = new Map(whole.map((one) => [place(one), one.answer]));
    for (const sample of samples.filter(({ complete }) => complete))
      if (expected.has(place(sample))) expect(sample.answer).toBe(expected.get(place(sample)));
  },
  180_000,
);
