import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { randomNumbers } from "../../bench/random-numbers.ts";
import { ChildHub } from "../child-hub.ts";
import { accepted, MlflowApi } from "./mlflow-api.ts";
import {
  artifactContent,
  pointsPerBatch,
  runTags,
  startStorm,
  type Storm,
  type StormTarget,
} from "./write-storm.ts";

const kills = 20;
/** Writes that are acknowledged before a kill: at least, and at most beyond that. */
const acknowledgedAtLeast = 10;
const acknowledgedSpread = 150;
/** Numbers between the storms. */
const apart = 1_000_000;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-kill-"));
});
afterEach(() => rm(home, { recursive: true }));

test(`kill -9 in a storm of writes, ${kills} times: what was acknowledged is there, and nothing is half there`, async () => {
  const random = randomNumbers(20_261_121);
  const storms: Storm[] = [];
  let target: StormTarget | undefined;
  for (let kill = 0; kill < kills; kill += 1) {
    await using hub = await ChildHub.start(home);
    const api = new MlflowApi(hub.client.url);
    target ??= await makeTarget(api);
    await checkStorm(api, target, storms.at(-1));
    const enough = Promise.withResolvers<void>();
    const wanted = acknowledgedAtLeast + Math.floor(random() * acknowledgedSpread);
    const storm = startStorm(api, target, kill * apart, (count) => {
      if (count >= wanted) enough.resolve();
    });
    storms.push(storm);
    // A storm that ends by itself has failed, and says why.
    await Promise.race([enough.promise, storm.ended]);
    await hub.kill();
    await storm.ended;
    expect(storm.acknowledged.batches.length).toBeGreaterThan(0);
  }
  await using hub = await ChildHub.start(home);
  const api = new MlflowApi(hub.client.url);
  if (target === undefined) throw new Error("no storm was made");
  for (const storm of storms) await checkStorm(api, target, storm);
  await checkWholeRuns(api, target, storms);
  await checkFiles(api, target, storms);
}, 300_000);

async function makeTarget(api: MlflowApi): Promise<StormTarget> {
  const { id, artifacts } = await api.createRun(await api.createExperiment("storm"));
  return { experiment: await api.createExperiment("made in the storm"), run: id, artifacts };
}

/** What one storm was promised, and that its batches are whole or missing. */
async function checkStorm(api: MlflowApi, target: StormTarget, storm: Storm | undefined): Promise<void> {
  if (storm === undefined) return;
  const { acknowledged, begun } = storm;
  const singles = new Set((await api.history(target.run, "single")).map(({ step }) => step));
  expect(acknowledged.singles.filter((step) => !singles.has(step))).toEqual([]);
  const { metrics, params, tags } = await api.run(target.run);
  const present = [metrics, params, tags].map((list) => new Set(list.map(({ key }) => key)));
  for (const batch of begun.batches) {
    const parts = present.map((keys) => keys.has(`batch-${batch}`));
    const points = (await api.history(target.run, `batch-${batch}`)).length;
    const whole = parts.every(Boolean) && points === pointsPerBatch;
    const missing = !parts.some(Boolean) && points === 0;
    expect({ batch, parts, points, allOrNothing: whole || missing }).toMatchObject({ allOrNothing: true });
    if (acknowledged.batches.includes(batch)) expect({ batch, whole }).toEqual({ batch, whole: true });
  }
  for (const id of acknowledged.runs) expect((await api.get("runs/get", { run_id: id })).status).toBe(200);
  for (const name of acknowledged.artifacts) {
    const { status, bytes } = await api.artifact(`${target.artifacts}/${name}`);
    expect({ name, status, same: bytes.equals(artifactContent(name)) }).toEqual({
      name,
      status: 200,
      same: true,
    });
  }
}

const foundRuns = z.object({
  runs: z.array(
    z.object({
      info: z.object({ run_id: z.string() }),
      data: z.object({ tags: z.array(z.object({ key: z.string(), value: z.string() })) }),
    }),
  ),
});

async function checkWholeRuns(api: MlflowApi, target: StormTarget, storms: Storm[]): Promise<void> {
  const answer = await api.post("runs/search", { experiment_ids: [target.experiment], max_results: 50_000 });
  const { runs } = foundRuns.parse(accepted(answer));
  for (const { info, data } of runs) {
    const own = data.tags.filter(({ key }) => !key.startsWith("mlflow."));
    expect({ run: info.run_id, tags: own.sort((a, b) => (a.key < b.key ? -1 : 1)) }).toEqual({
      run: info.run_id,
      tags: runTags,
    });
  }
  const found = new Set(runs.map(({ info }) => info.run_id));
  expect(storms.flatMap(({ acknowledged }) => acknowledged.runs).filter((id) => !found.has(id))).toEqual([]);
}

const listed = z.object({
  files: z
    .array(z.object({ path: z.string(), file_size: z.union([z.number(), z.string()]).optional() }))
    .default([]),
});

/** Only whole artifacts that somebody sent are listed, and no file of an upload that was cut off is left. */
async function checkFiles(api: MlflowApi, target: StormTarget, storms: Storm[]): Promise<void> {
  const sent = new Set(storms.flatMap(({ begun }) => [...begun.artifacts]));
  const { files } = listed.parse(accepted(await api.get("artifacts/list", { run_id: target.run })));
  for (const { path, file_size: size } of files) {
    expect({ path, sent: sent.has(path), size: Number(size) }).toEqual({
      path,
      sent: true,
      size: artifactContent(path).length,
    });
  }
  const names = (await readdir(home, { recursive: true })).map((path) => path.split("/").at(-1) ?? "");
  const stray = names.filter((name) => /artifact-\d+/.test(name) && !files.some(({ path }) => path === name));
  expect(stray).toEqual([]);
  expect(names.filter((name) => /\.(tmp|part|partial|upload)$/.test(name))).toEqual([]);
  expect(await readdir(join(home, "incoming"))).toEqual([]);
}
