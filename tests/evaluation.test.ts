import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluation, evaluationComparison, evaluationRows } from "@hearth/wire/hub/evaluation";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

const patience = 300_000;
const example = fileURLToPath(new URL("../examples/scorers/brevity.ts", import.meta.url));

let hub: TestHub;
const run = (...args: string[]) => hearth([...args, "--json", "--url", hub.url]);

/** Version 1 has hardly learned anything, version 2 knows its twelve rows. */
beforeAll(async () => {
  hub = await TestHub.start();
  const { client } = hub;
  await hub.addTinyModel("base");
  const dataset = await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  const model = await client.models.create({
    name: "tuned",
    task_type: "classification",
    base_model: "base",
  });
  for (const epochs of [1, 60]) {
    const job = await client.jobs.create({
      model_id: model.id,
      dataset_id: dataset.id,
      lora_rank: 4,
      epochs,
      batch_size: 4,
      learning_rate: 0.02,
      seed: 5,
    });
    for await (const event of client.jobs.events(job.id)) void event;
    expect((await client.jobs.get(job.id)).status).toBe("completed");
  }
}, patience);
afterAll(() => hub[Symbol.asyncDispose]());

test("the engine's loss of the validation split is the trainer's own", { timeout: patience }, async () => {
  const { client } = hub;
  for (const number of [1, 2]) {
    const { metrics } = await client.models.version("tuned", number);
    const found = await client.evaluations.run({
      model: `tuned:${number}`,
      dataset: "colours",
      split: "validation",
      scorers: ["loss"],
    });
    // The trainer computes in F32, the engine with a base in F16.
    expect(found.metrics["loss"]).toBeCloseTo(metrics["validation_loss"] ?? Number.NaN, 2);
    expect(Object.keys(found.metrics)).toEqual(["loss", "perplexity"]);
    const { items } = await client.evaluations.rows(found.id);
    expect(items.map(({ answer, right }) => [answer, right])).toEqual(Array(3).fill([null, null]));
    // What the trainer measured stays: the version's metric is its own.
    expect((await client.models.version("tuned", number)).metrics["validation_loss"]).toBe(
      metrics["validation_loss"],
    );
  }
});

test("blanks before completions are scored as they were learned", { timeout: patience }, async () => {
  const { client } = hub;
  const folder = join(hub.home, "blanks");
  await mkdir(folder);
  const rows = ["red", "blue", "green", "white"].map((colour) =>
    JSON.stringify({ prompt: `${colour} is`, completion: `  ${colour}` }),
  );
  for (const split of ["train", "validation"])
    await writeFile(join(folder, `${split}.jsonl`), rows.join("\n"));
  await client.datasets.create({ name: "blanks", path: folder });
  await client.models.create({ name: "spaced", task_type: "text-generation", base_model: "base" });
  const recipe = { lora_rank: 4, epochs: 8, batch_size: 4, learning_rate: 0.02, sample_steps: 0 };
  const job = await client.jobs.create({ model_id: "spaced", dataset_id: "blanks", ...recipe });
  for await (const event of client.jobs.events(job.id)) void event;
  const { metrics } = await client.models.version("spaced", 1);
  const found = await client.evaluations.run({
    model: "spaced:1",
    dataset: "blanks",
    split: "validation",
    scorers: ["loss"],
  });
  expect(found.metrics["loss"]).toBeCloseTo(metrics["validation_loss"] ?? Number.NaN, 2);
});

test(
  "of rows with tools, answered by calls, too: the model hears of the tools",
  { timeout: patience },
  async () => {
    const { client } = hub;
    const folder = join(hub.home, "calls");
    await mkdir(folder);
    const tool = { name: "paint", description: "Paints.", parameters: { type: "object", properties: {} } };
    const rows = ["red", "blue", "green", "white"].map((colour) => {
      const call = { function: { name: "paint", arguments: { colour } } };
      const messages = [
        { role: "user", content: `${colour}, please` },
        { role: "assistant", content: null, tool_calls: [call] },
      ];
      return JSON.stringify({ messages, tools: [{ type: "function", function: tool }] });
    });
    for (const split of ["train", "validation"])
      await writeFile(join(folder, `${split}.jsonl`), rows.join("\n"));
    await client.datasets.create({ name: "calls", path: folder });
    await client.models.create({ name: "painter", task_type: "chat", base_model: "base" });
    const recipe = { lora_rank: 4, epochs: 8, batch_size: 4, learning_rate: 0.02, sample_steps: 0 };
    const job = await client.jobs.create({ model_id: "painter", dataset_id: "calls", ...recipe });
    for await (const event of client.jobs.events(job.id)) void event;
    const { metrics } = await client.models.version("painter", 1);
    const found = await client.evaluations.run({
      model: "painter:1",
      dataset: "calls",
      split: "validation",
    });
    expect(found.metrics["loss"]).toBeCloseTo(metrics["validation_loss"] ?? Number.NaN, 2);
    const { items } = await client.evaluations.rows(found.id);
    expect(items[1]?.expected).toContain('"arguments": {"colour":"blue"}');
  },
);

test(
  "running text has a loss alone: nothing is asked, each row is a document",
  { timeout: patience },
  async () => {
    const { client } = hub;
    const texts = ["a fox met a crow", "the crow had cheese", "she sang, and it fell"];
    const path = join(hub.home, "stories.jsonl");
    await writeFile(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
    await client.datasets.create({ name: "stories", path });
    const found = await client.evaluations.run({ model: "base:1", dataset: "stories", split: "train" });
    expect(Object.keys(found.metrics)).toEqual(["loss", "perplexity"]);
    const { items } = await client.evaluations.rows(found.id);
    expect(items.map(({ expected, answer, failed }) => ({ expected, answer, failed }))).toEqual(
      texts.map((expected) => ({ expected, answer: null, failed: false })),
    );
    const tokens = items.reduce((sum, row) => sum + (row.tokens ?? 0), 0);
    const losses = items.reduce(
      (sum, row) => sum + (row.tokens ?? 0) * (row.scores["loss"] ?? Number.NaN),
      0,
    );
    expect(found.metrics["loss"]).toBeCloseTo(losses / tokens, 8);
    const refused = client.evaluations.run({
      model: "base:1",
      dataset: "stories",
      split: "train",
      scorers: ["json"],
    });
    await expect(refused).rejects.toMatchObject({ code: "invalid_request", details: { field: "dataset" } });
  },
);

test(
  "eval measures all that fits, with intervals, labels, a scorer in TypeScript and every row",
  { timeout: patience },
  async () => {
    const scorer = join(hub.home, "brevity.ts");
    await writeFile(scorer, await readFile(example));
    const measured = await run(
      "eval",
      "tuned:2",
      "--dataset",
      "colours",
      "--split",
      "test",
      "--scorer",
      scorer,
    );
    expect(measured.stderr).toContain("brevity");
    expect(measured.code).toBe(0);
    const found = evaluation.parse(measured.json);
    expect(found).toMatchObject({
      rows: 6,
      bootstrap: { resamples: 1_000, seed: 1, level: 0.95 },
      scorers: [{ name: "brevity", rows: 6, failures: 0, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      absent: [],
    });
    for (const name of [
      "accuracy",
      "exact_match",
      "macro_f1",
      "loss",
      "perplexity",
      "brevity",
      "brevity/characters",
    ]) {
      const { low = Number.NaN, high = Number.NaN } = found.intervals[name] ?? {};
      const value = found.metrics[name] ?? Number.NaN;
      expect(low, name).toBeLessThanOrEqual(value + 1e-9);
      expect(high, name).toBeGreaterThanOrEqual(value - 1e-9);
    }
    expect(found.labels.map(({ label }) => label)).toEqual(["blue", "green", "red"]);
    const run_ = await hub.client.runs.get(found.run_id);
    expect(run_.metrics).toMatchObject({
      accuracy: found.metrics["accuracy"],
      brevity: found.metrics["brevity"],
    });
    const rows = await run("eval", "rows", found.id, "--only", "all", "--limit", "2", "--offset", "1");
    const page = evaluationRows.parse(rows.json);
    expect(page).toMatchObject({ total: 6, offset: 1, items: [{ row: 2 }, { row: 3 }] });
    expect(page.items[0]?.scores).toHaveProperty("brevity");
    const wrong = await run(
      "eval",
      "tuned:2",
      "colours",
      "--scorer",
      join(hub.home, "colours", "test.jsonl"),
    );
    expect(wrong).toMatchObject({ code: 2, json: { error: { code: "invalid_request" } } });
    expect(await run("eval", "tuned:2")).toMatchObject({ code: 2 });
    expect(await run("eval", "tuned:2", "colours", "--scorers", "charm")).toMatchObject({ code: 2 });
  },
);

test(
  "compare tells the paired difference of two versions, once both were measured on the same rows",
  { timeout: patience },
  async () => {
    const missing = await run(
      "eval",
      "compare",
      "tuned:1",
      "tuned:2",
      "--dataset",
      "colours",
      "--split",
      "train",
    );
    expect(missing).toMatchObject({ code: 5 });
    expect(missing.stderr).toContain("hearth eval tuned:1 --dataset colours --split train");
    for (const version of [1, 2]) await run("eval", `tuned:${version}`, "colours", "--split", "train");
    const compared = await run("eval", "compare", "tuned:1", "tuned:2", "--split", "train");
    const found = evaluationComparison.parse(compared.json);
    expect(found).toMatchObject({ first: { version: 1 }, second: { version: 2 }, rows: 12, split: "train" });
    const { difference = 0, high = 0 } = found.metrics["loss"] ?? {};
    expect(difference).toBeLessThan(0);
    expect(high).toBeLessThan(0);
  },
);

test(
  "promote measures what a gate lacks, refuses with the figures, and rollback is one command",
  { timeout: patience },
  async () => {
    const { client } = hub;
    const promote = (version: number, ...more: string[]) => run("promote", `tuned:${version}`, ...more);
    expect(await promote(1, "--require", "accuracy>=0", "--evaluate", "colours")).toMatchObject({ code: 0 });
    const lacking = await promote(2, "--dry-run", "--require", "json_valid>=champion");
    expect(lacking).toMatchObject({ code: 5, json: { checks: [{ value: null }] } });
    const worse = await promote(2, "--require", "loss>champion", "--evaluate");
    expect(worse).toMatchObject({
      code: 5,
      json: { promoted: false, checks: [{ passed: false, needed: null }] },
    });
    expect(worse.stderr).toContain("on the same rows it differs by");
    const better = await promote(2, "--require", "ci_high(loss)<100", "--require", "loss<champion+50");
    expect(better).toMatchObject({ code: 0, json: { promoted: true, previous_version: 1 } });
    const back = await run("rollback", "tuned");
    expect(back).toMatchObject({ code: 0, json: { alias: "champion", version: 1, previous_version: 2 } });
    expect(await run("rollback", "tuned")).toMatchObject({ code: 4, json: { error: { code: "conflict" } } });
    expect(await run("rollback", "tuned", "--alias", "stage")).toMatchObject({ code: 4 });
    const history = await hearth(["models", "history", "tuned", "--url", hub.url]);
    expect(history.stdout).toMatch(/rolled_back +1 +\S+.*127\.0\.0\.1.*@champion, before: version 2/);
    expect(history.stdout).toMatch(/promotion_refused .*✗ loss>champion \(/);
    expect((await client.models.get("tuned")).aliases).toEqual({ champion: 1 });
  },
);
