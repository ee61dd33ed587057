import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { HearthClient } from "@hearth/sdk";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { makeRandomModel } from "../bench/models/random-model.ts";
import { ChildHub } from "./child-hub.ts";
import { writeSmallDataset } from "./small-dataset.ts";

/** `HEARTH_TEST_KILLS=50` is the whole of it; CI does fewer. `HEARTH_TEST_SEED` repeats the moments of a run. */
const kills = Number(process.env["HEARTH_TEST_KILLS"] ?? 15);
const seed = Number(process.env["HEARTH_TEST_SEED"] ?? Date.now() % 1_000_000);
/** ms; longer than a tiny job takes from its trainer's start to its archive, so that every moment of it is hit. */
const longestWait = 3_000;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-kills-"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

/** Numbers from 0 to below 1 (Mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const names = (folder: string): Promise<string[]> => readdir(join(home, folder)).catch(() => []);

async function recorded(kind: "trainers" | "engines"): Promise<number[]> {
  return (await names(`processes/${kind}`)).filter((name) => name.endsWith(".json")).map(Number.parseFloat);
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in the same moment.
  }
}

const manifest = z.object({ checksums: z.record(z.string(), z.string()) });

/** Whatever lies in the archive is whole: it names its files, and they have the checksums that it names. */
async function expectWholeArchive(): Promise<void> {
  for (const version of await names("storage/archive")) {
    const folder = join(home, "storage", "archive", version);
    const { checksums } = manifest.parse(JSON.parse(await readFile(join(folder, "version.json"), "utf8")));
    expect((await readdir(folder)).toSorted()).toEqual(
      [...Object.keys(checksums), "version.json"].toSorted(),
    );
    for (const [file, sha256] of Object.entries(checksums)) {
      const bytes = await readFile(join(folder, file));
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
    }
  }
}

const isOver = (job: TrainingJob): boolean => job.finished_at !== null;

async function allJobs(client: HearthClient): Promise<TrainingJob[]> {
  return (await client.jobs.list({ pageSize: 200 })).items;
}

/** Every version that can be used is whole, and no other has a file. */
async function expectSoundVersions(client: HearthClient): Promise<void> {
  const versions = await client.models.versions("tuned", { pageSize: 200 });
  for (const version of versions.items) {
    if (version.status !== "ready") expect(version).toMatchObject({ artifact_path: null, sha256: null });
    else expect(await client.models.verify("tuned", version.version)).toMatchObject({ ok: true });
  }
}

test.runIf(process.platform === "linux")(
  `kill -9 of hub, trainers and engines at random, ${kills} times (HEARTH_TEST_SEED=${seed}): jobs go on or fail, nothing half is visible, the queue goes on`,
  async () => {
    const random = randomFrom(seed);
    let hub = await ChildHub.start(home);
    const path = join(home, "base.gguf");
    await makeRandomModel(path, { preset: "tiny", type: "F16", seed: 1 });
    await hub.client.models.create({ name: "base", path });
    await hub.client.models.create({ name: "tuned", base_model: "base" });
    await hub.client.datasets.create({ name: "colours", path: await writeSmallDataset(home) });
    const enqueue = async (): Promise<string> => {
      const job = await hub.client.jobs.create({
        model_id: "tuned",
        dataset_id: "colours",
        lora_rank: 4,
        epochs: 60,
        batch_size: 4,
        checkpoint_every: 10,
        seed: 3,
      });
      return job.id;
    };
    const ended = async (id: string): Promise<TrainingJob> => {
      for await (const event of hub.client.jobs.events(id)) if (event.type === "log") continue;
      return hub.client.jobs.get(id);
    };
    const reference = await ended(await enqueue());
    expect(reference).toMatchObject({ status: "completed", attempt: 1 });

    for (let kill = 0; kill < kills; kill++) {
      while ((await allJobs(hub.client)).filter((job) => !isOver(job)).length < 3) await enqueue();
      await delay(random() * longestWait);
      const what = random();
      const children = [...(await recorded("trainers")), ...(await recorded("engines"))];
      if (what < 0.4) for (const pid of children) killNow(pid);
      if (what < 0.3) continue;
      // Between 0.3 and 0.4 all of them at once.
      await hub.kill();
      await expectWholeArchive();
      if (what > 0.8) await ChildHub.killedInStart(home, random() * longestWait);
      hub = await ChildHub.start(home);
      await expectSoundVersions(hub.client);
    }

    await using last = hub;
    const jobs = await Promise.all((await allJobs(last.client)).map((job) => ended(job.id)));
    for (const job of jobs) {
      if (job.status === "completed") expect(job.adapter_sha256).toBe(reference.adapter_sha256);
      else
        expect(job).toMatchObject({
          status: "failed",
          attempt: job.max_retries + 1,
          error: { code: "training_failed", message: expect.stringMatching(/ended/) },
        });
    }
    expect(await ended(await enqueue())).toMatchObject({ status: "completed", attempt: 1 });
    await expectSoundVersions(last.client);
    await expectWholeArchive();
    const ready = (await last.client.models.versions("tuned", { pageSize: 200 })).items.filter(
      ({ status }) => status === "ready",
    );
    expect((await names("storage/archive")).toSorted()).toEqual(ready.map(({ id }) => id).toSorted());
    await vi.waitFor(async () => expect(await names("storage/active")).toEqual([]), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await recorded("trainers")).toEqual([]), { timeout: 20_000 });
  },
  1_800_000,
);
