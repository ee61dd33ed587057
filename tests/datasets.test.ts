import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
const run = (...args: string[]) => hearth([...args, "--json", "--url", hub.url]);
beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel();
}, 60_000);
afterAll(() => hub[Symbol.asyncDispose]());

test("a table becomes a dataset of three splits at the command line", { timeout: 120_000 }, async () => {
  const path = join(hub.home, "questions.csv");
  const rows = Array.from({ length: 40 }, (_, index) => `q${index},a${index % 2}`);
  await writeFile(path, ["question,answer", ...rows, ""].join("\n"));
  const wrong = await run("datasets", "add", "questions", path);
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain("prompt=question,completion=answer");
  expect((await run("datasets", "add", "q", path, "--map", "promt=question")).code).toBe(2);
  expect((await run("datasets", "add", "q", path, "--seed", "3")).code).toBe(2);

  const options = [
    "--map",
    "prompt=question,completion=answer",
    "--split",
    "train=0.8,validation=0.1,test=0.1",
  ];
  const added = await run("datasets", "add", "questions", path, ...options, "--seed", "7");
  expect(added.json).toMatchObject({
    name: "questions",
    version: 1,
    labels: ["a0", "a1"],
    splits: { train: { rows: 32 }, validation: { rows: 4 }, test: { rows: 4 } },
    division: { seed: 7 },
    sources: [{ file: "questions.csv", format: "csv" }],
  });
  expect(added.stderr).not.toContain("warning");
  expect((await run("datasets", "add", "questions", path, ...options, "--seed", "8")).json).toMatchObject({
    version: 2,
  });
  const shown = await run("datasets", "show", "questions:1");
  expect(shown.stderr).toContain("divided train=0.8,validation=0.1,test=0.1 with seed 7");
  const versions = await run("datasets", "versions", "questions");
  expect(versions.json).toMatchObject({ items: [{ version: 2 }, { version: 1 }] });
  const preview = await run("datasets", "preview", "questions", "--split", "test", "--limit", "2");
  expect(preview.json).toMatchObject({ total: 4, items: [{ format: "prompt" }, {}] });
  expect(await run("datasets", "verify", "questions")).toMatchObject({
    code: 0,
    json: { ok: true, notes: [] },
  });
});

test(
  "a folder's validation split may be called valid, and a job names a version of a dataset",
  { timeout: 120_000 },
  async () => {
    const folder = join(hub.home, "mlx-names");
    await mkdir(folder);
    const rows = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        JSON.stringify({ prompt: `q${count}${index}`, completion: "a" }),
      );
    await writeFile(join(folder, "train.jsonl"), rows(4).join("\n"));
    await writeFile(join(folder, "valid.jsonl"), rows(2).join("\n"));
    const added = await run("datasets", "add", "named", folder);
    expect(added.json).toMatchObject({ splits: { train: { rows: 4 }, validation: { rows: 2 } } });
    const options = [
      "--base",
      "tiny",
      "--epochs",
      "1",
      "--rank",
      "4",
      "--batch-size",
      "2",
      "--sample-steps",
      "0",
      "--detach",
    ];
    const job = await run("train", "--model", "named", "--dataset", "named:1", ...options);
    expect(job).toMatchObject({ code: 0, json: { job: { dataset: "named" } } });
    const missing = await run("train", "--model", "named", "--dataset", "named:7", ...options);
    expect(missing).toMatchObject({ code: 4, json: { error: { code: "not_found" } } });
    expect(missing.stderr).toContain("named:7");
  },
);

test("statistics count what a model would see, and a job is warned of it", { timeout: 120_000 }, async () => {
  const folder = await writeSmallDataset(hub.home);
  const added = await run("datasets", "add", "colours", folder);
  expect(added.stderr).toContain("warning: test: 6 rows and 6 prompts are in the train split too");
  const counted = await run("datasets", "stats", "colours", "--model", "tiny", "--sequence-length", "8");
  expect(counted.json).toMatchObject({
    rows: 21,
    duplicates: { exact: 0, near: 0 },
    leakage: [
      { split: "validation", rows: 3, prompts: 3 },
      { split: "test", rows: 6, prompts: 6 },
    ],
    tokens: {
      model: "tiny:1",
      sequence_length: 8,
      problem: null,
      splits: [{ split: "train", rows: 12 }, {}, {}],
    },
  });
  const { tokens } = await hub.client.datasets.statistics("colours", { model: "tiny", sequence_length: 8 });
  const [train] = tokens?.splits ?? [];
  expect(train?.truncated).toBe(12);
  expect(train?.lost).toBe((train?.tokens ?? 0) - 12 * 9);
  expect(train?.learned).toBeGreaterThanOrEqual(24);
  const { warnings } = await hub.client.jobs.estimate({
    dataset_id: "colours",
    base_model: "tiny",
    sequence_length: 8,
  });
  expect(warnings).toContainEqual(
    expect.stringContaining("train: 12 of 12 rows are longer than 8 tokens of tiny:1"),
  );
  expect(warnings).toContainEqual(expect.stringContaining("validation: 3 rows and 3 prompts"));
  await expect(hub.client.datasets.statistics("colours", { model: "none" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test(
  "while 100,000 rows are counted the hub answers, and counts them once",
  { timeout: 240_000 },
  async () => {
    const folder = join(hub.home, "many");
    await mkdir(folder);
    const rows = Array.from({ length: 100_000 }, (_, index) => `{"text":"row ${index % 99_000} of many"}\n`);
    await writeFile(join(folder, "train.jsonl"), rows.join(""));
    await hub.client.datasets.create({ name: "many", path: folder });
    let counting = true;
    const both = Promise.all([
      hub.client.datasets.statistics("many"),
      hub.client.datasets.statistics("many"),
    ]).finally(() => (counting = false));
    let answered = 0;
    for (; counting; answered++) await hub.client.health();
    const [one, other] = await both;
    expect(one).toEqual(other);
    expect(one).toMatchObject({ rows: 100_000, duplicates: { exact: 1_000 } });
    // Counted here, the rows would let no answer through, or one or two between their pieces.
    expect(answered).toBeGreaterThan(5);
  },
);
