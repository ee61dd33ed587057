import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
  const { models, datasets } = hub.client;
  for (const name of ["base", "plain", "sphinx", "moved", "old"])
    await hub.addTinyModel(name, name.charCodeAt(0));
  await datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  const whole = join(hub.home, "damaged.jsonl");
  await writeFile(whole, '{"prompt":"apple","completion":"red"}\n'.repeat(8));
  await datasets.create({ name: "damaged", path: whole });
  const held = join(hub.home, "held.jsonl");
  await writeFile(held, '{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d"}\n');
  await datasets.create({ name: "pair", path: held });
  await models.create({ name: "tuned", base_model: "base", task_type: "chat" });
  await models.create({ name: "rootless", task_type: "chat" });
  alterSummary("plain", { chatTemplate: false });
  alterSummary("sphinx", { architecture: "riddle" });
  inDatabase(
    "update model_versions set status = 'archived' where model_id = (select id from models where name = 'old')",
  );
  const away = await models.version("moved", 1);
  await rename(away.artifact_path ?? "", `${away.artifact_path}.moved`);
}, 120_000);
afterAll(() => hub[Symbol.asyncDispose]());

/** What happens behind the hub's back, and what a person cannot do through it. */
function inDatabase(statement: string, ...values: string[]): void {
  const database = new BetterSqlite3(join(hub.home, "hearth.db"));
  try {
    database.prepare(statement).run(...values);
  } finally {
    database.close();
  }
}

function alterSummary(model: string, part: Record<string, unknown>): void {
  inDatabase(
    "update model_versions set summary = json_patch(summary, ?) where model_id = (select id from models where name = ?)",
    JSON.stringify(part),
    model,
  );
}

const valid = { model_id: "tuned", dataset_id: "colours", batch_size: 4, epochs: 1 };
const shape = { vocabulary: 512, dim: 96, layers: 2, heads: 6, kv_heads: 2, ffn: 256 };
const pretrain = { ...valid, recipe: "pretrain", pretrain: shape, sequence_length: 64 };
const layers = "attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down";

/** What a person gets wrong, and how it is refused: field, what was found, what is allowed. */
const cases: [string, Record<string, unknown>, { field: string; value?: unknown; allowed: unknown }][] = [
  ["rank 0", { lora_rank: 0 }, { field: "lora_rank", value: 0, allowed: "a whole number, 1 to 256" }],
  ["rank beyond the layers", { lora_rank: 200 }, { field: "lora_rank", value: 200, allowed: /^1 to \d+$/ }],
  [
    "half a rank",
    { lora_rank: 1.5 },
    { field: "lora_rank", value: 1.5, allowed: "a whole number, 1 to 256" },
  ],
  [
    "no alpha",
    { lora_alpha: 0 },
    { field: "lora_alpha", value: 0, allowed: "a number, above 0 and at most 1024" },
  ],
  ["epochs 0", { epochs: 0 }, { field: "epochs", value: 0, allowed: "a number, above 0 and at most 1000" }],
  ["epochs below 0", { epochs: -1 }, { field: "epochs", value: -1, allowed: /above 0/ }],
  ["epochs that JSON makes of NaN", { epochs: null }, { field: "epochs", value: null, allowed: /above 0/ }],
  ["epochs in words", { epochs: "three" }, { field: "epochs", value: "three", allowed: /above 0/ }],
  [
    "a layer that is not",
    { lora_targets: ["attn_q", "attn_z"] },
    { field: "lora_targets[1]", value: "attn_z", allowed: layers },
  ],
  ["no layer", { lora_targets: [] }, { field: "lora_targets", allowed: "a list, at least 1 entries" }],
  [
    "a layer twice",
    { lora_targets: ["attn_q", "attn_q"] },
    { field: "lora_targets", allowed: "each layer once" },
  ],
  [
    "an unknown field",
    { learning_rat: 0.1 },
    { field: "learning_rat", value: 0.1, allowed: /learning_rate/ },
  ],
  [
    "an unknown field of the shape",
    { ...pretrain, pretrain: { ...shape, depth: 2 } },
    { field: "pretrain.depth", value: 2, allowed: /^vocabulary, dim/ },
  ],
  ["a batch beyond the rows", { batch_size: 13 }, { field: "batch_size", value: 13, allowed: "1 to 12" }],
  [
    "batches of one step beyond the rows",
    { gradient_accumulation: 4 },
    { field: "gradient_accumulation", value: 4, allowed: "1 to 3" },
  ],
  [
    "a batch of nothing",
    { batch_size: 0 },
    { field: "batch_size", value: 0, allowed: "a whole number, 1 to 1024" },
  ],
  [
    "a sequence beyond the context",
    { sequence_length: 32_768 },
    { field: "sequence_length", value: 32_768, allowed: /^8 to \d+$/ },
  ],
  [
    "a sequence of nothing",
    { sequence_length: 1 },
    { field: "sequence_length", value: 1, allowed: /8 to 32768/ },
  ],
  [
    "a sequence beyond the text",
    { ...pretrain, dataset_id: "pair", sequence_length: 512 },
    { field: "sequence_length", value: 512, allowed: /^8 to \d+$/ },
  ],
  [
    "a learning rate beyond 1",
    { learning_rate: 2 },
    { field: "learning_rate", value: 2, allowed: "a number, above 0 and at most 1" },
  ],
  [
    "a learning rate below 0",
    { learning_rate: -0.1 },
    { field: "learning_rate", value: -0.1, allowed: /above 0/ },
  ],
  [
    "warm-up for longer than the run",
    { warmup_ratio: 1 },
    { field: "warmup_ratio", value: 1, allowed: "a number, 0 to 0.9" },
  ],
  ["a clip norm of nothing", { clip_norm: 0 }, { field: "clip_norm", value: 0, allowed: /above 0/ }],
  ["a seed below 0", { seed: -1 }, { field: "seed", value: -1, allowed: "a whole number, 0 to 2147483647" }],
  [
    "validation without a split",
    { dataset_id: "pair", batch_size: 2, validation_every: 1 },
    { field: "validation_every", value: 1, allowed: "absent" },
  ],
  [
    "validation every 0 steps",
    { validation_every: 0 },
    { field: "validation_every", value: 0, allowed: /1 to 1000000/ },
  ],
  [
    "checkpoints every 0 steps",
    { checkpoint_every: 0 },
    { field: "checkpoint_every", value: 0, allowed: /1 to 1000000/ },
  ],
  [
    "an unknown recipe",
    { recipe: "magic" },
    { field: "recipe", value: "magic", allowed: "lora, full, pretrain" },
  ],
  [
    "pretraining without a shape",
    { recipe: "pretrain" },
    { field: "pretrain", value: null, allowed: /vocabulary/ },
  ],
  [
    "pretraining on a base",
    { ...pretrain, base_model: "base" },
    { field: "base_model", value: "base", allowed: "absent" },
  ],
  [
    "heads that do not divide",
    { ...pretrain, pretrain: { ...shape, heads: 5 } },
    { field: "pretrain.heads", value: 5, allowed: /divisor of dim/ },
  ],
  [
    "key-value heads that do not divide",
    { ...pretrain, pretrain: { ...shape, kv_heads: 4 } },
    { field: "pretrain.kv_heads", value: 4, allowed: /divisor of heads/ },
  ],
  [
    "more key-value heads than heads",
    { ...pretrain, pretrain: { ...shape, kv_heads: 12 } },
    { field: "pretrain.kv_heads", value: 12, allowed: /divisor of heads/ },
  ],
  [
    "a width of nothing",
    { ...pretrain, pretrain: { ...shape, dim: 0 } },
    { field: "pretrain.dim", value: 0, allowed: "a whole number, 32 to 4096" },
  ],
  ["a shape for a tuned model", { pretrain: shape }, { field: "pretrain", allowed: "absent" }],
  [
    "a batch beyond the memory",
    {
      ...pretrain,
      batch_size: 1024,
      sequence_length: 512,
      pretrain: { ...shape, dim: 2016, heads: 63, kv_heads: 63, layers: 32 },
    },
    { field: "batch_size", value: 1024, allowed: /^(1 to \d+|no batch: not even 1 fits)$/ },
  ],
  [
    "more weights than there are places for",
    { ...pretrain, pretrain: { ...shape, dim: 4032, heads: 63, kv_heads: 63, layers: 64 } },
    { field: "pretrain", allowed: /a shape of at most 1073725440 weights/ },
  ],
  ["no base anywhere", { model_id: "rootless" }, { field: "base_model", value: null, allowed: /ember:1/ }],
  [
    "a base that is not",
    { base_model: "nobody" },
    { field: "base_model", value: "nobody", allowed: /ready version/ },
  ],
  [
    "a base that is archived",
    { base_model: "old:1" },
    { field: "base_model", value: "old:1", allowed: /ready version/ },
  ],
  [
    "a base whose file is gone",
    { base_model: "moved" },
    { field: "base_model", value: "moved", allowed: /ready version/ },
  ],
  [
    "a base that no trainer reads",
    { base_model: "sphinx" },
    { field: "base_model", value: "sphinx", allowed: /bases/ },
  ],
  [
    "conversations without a template",
    { base_model: "plain" },
    { field: "dataset_id", value: "colours", allowed: /chat template/ },
  ],
  [
    "a model that is not",
    { model_id: "nobody" },
    { field: "model_id", value: "nobody", allowed: "a registered model" },
  ],
  [
    "a dataset that is not",
    { dataset_id: "nothing" },
    { field: "dataset_id", value: "nothing", allowed: "a registered dataset" },
  ],
];

interface Refused {
  error: { code: string; message: string; details: { field?: unknown; value?: unknown; allowed?: unknown } };
}

/** Nothing was stored: no job, no version, no run. */
async function stored(): Promise<number[]> {
  const { jobs, models, runs } = hub.client;
  const [all, versions, made] = await Promise.all([jobs.list(), models.versions("tuned"), runs.list()]);
  return [all.total, versions.total, made.total];
}

/** Beyond this machine's memory or disk is the one refusal that is no 4xx. */
function isRefusal(told: unknown): boolean {
  return told === "resource_exhausted" || (typeof told === "number" && told >= 400 && told < 500);
}

async function expectRefused(body: unknown, wanted: (typeof cases)[number][2]): Promise<Refused["error"]> {
  const before = await stored();
  const response = await hub.post("/training/jobs", body);
  const { error } = (await response.json()) as Refused;
  expect(response.status === 503 ? error.code : response.status, error.message).toSatisfy(isRefusal);
  const { field, value, allowed } = error.details;
  expect({ field, ...("value" in wanted ? { value } : {}), allowed }).toEqual({
    field: wanted.field,
    ...("value" in wanted ? { value: wanted.value } : {}),
    allowed: wanted.allowed instanceof RegExp ? expect.stringMatching(wanted.allowed) : wanted.allowed,
  });
  // What the details say a person can read, too.
  expect(error.message).toContain(wanted.field.replace(/\[\d+\]$/, ""));
  expect(await stored()).toEqual(before);
  return error;
}

describe("refused before anything is queued, with field, value and what is allowed", () => {
  test.each(cases)("%s", async (_name, recipe, wanted) => {
    await expectRefused({ ...valid, ...recipe }, wanted);
    // The form asks beforehand and is told the same.
    const estimate = await hub.post("/training/estimate", { ...valid, ...recipe });
    const { error } = (await estimate.json()) as Refused;
    expect(error.details.field).toBe(wanted.field);
  });

  test("a dataset without rows to train on", async () => {
    const path = await writeSmallDataset(hub.home, "untrained");
    await hub.client.datasets.create({ name: "untrained", path });
    inDatabase("update datasets set splits = json_remove(splits, '$.train') where name = 'untrained'");
    await expectRefused(
      { ...valid, dataset_id: "untrained" },
      {
        field: "dataset_id",
        value: "untrained",
        allowed: "a dataset with a train split",
      },
    );
  });

  test("a dataset whose stored file was changed, whatever its size", async () => {
    const { checksum } = await hub.client.datasets.get("damaged");
    const folder = join(hub.home, "datasets", checksum);
    const file = join(folder, (await readdir(folder))[0] ?? "");
    const text = await readFile(file, "utf8");
    const wanted = { field: "dataset_id", value: "damaged", allowed: /as they were registered/ };
    const body = { ...valid, dataset_id: "damaged" };
    await writeFile(file, text.replace("apple", "peach"));
    expect((await expectRefused(body, wanted)).message).toContain("its sha256 is");
    await writeFile(file, `${text}\n`);
    expect((await expectRefused(body, wanted)).message).toContain(`it has ${text.length + 1} bytes`);
    await rename(file, `${file}.away`);
    expect((await expectRefused(body, wanted)).message).toContain("is missing");
  });

  test(
    "on the command line: exit code 2, and no model is left behind by a wrong recipe",
    { timeout: 120_000 },
    async () => {
      const train = (...args: string[]) =>
        hearth([
          "train",
          "--model",
          "new",
          "--dataset",
          "colours",
          "--base",
          "base",
          ...args,
          "--json",
          "--url",
          hub.url,
        ]);
      expect(await train("--rank", "200")).toMatchObject({
        code: 2,
        json: {
          error: { details: { field: "lora_rank", value: 200, allowed: expect.stringMatching(/^1 to/) } },
        },
      });
      expect(await train("--batch-size", "13")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("a batch of 13 is more than the 12 rows of 'colours'"),
        json: { error: { details: { field: "batch_size", value: 13, allowed: "1 to 12" } } },
      });
      expect(await train("--learning-rate", "7")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("found: 7; allowed: a number, above 0 and at most 1"),
      });
      // What is no number does not reach the hub.
      for (const epochs of ["0", "-1", "NaN"]) {
        const refused = await train("--epochs", epochs);
        expect(refused.code).toBe(2);
        expect(refused.stderr).toContain(`'--epochs <n>' argument '${epochs}' is invalid. a number above 0`);
      }
      expect(await hub.client.models.get("new").catch((error: unknown) => error)).toMatchObject({
        status: 404,
      });
    },
  );
});

test("what a run does with numbers beyond its steps is allowed: it validates and ends all the same", async () => {
  const beyond = { validation_every: 1_000_000, checkpoint_every: 1_000_000 };
  const job = await hub.client.jobs.create({ ...valid, ...beyond });
  await hub.client.jobs.cancel(job.id);
});

/** Bodies near a valid one: the fields that there are, with anything in them. */
const nearValid = fc.record(
  {
    model_id: fc.constantFrom("tuned", "rootless", "nobody", ""),
    dataset_id: fc.constantFrom("colours", "pair", "nothing"),
    base_model: fc.oneof(fc.constantFrom("base", "base:1", "old:1", "tuned"), fc.string()),
    recipe: fc.oneof(fc.constantFrom("lora", "full", "pretrain"), fc.jsonValue()),
    lora_rank: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
    lora_alpha: fc.oneof(fc.double(), fc.jsonValue()),
    lora_targets: fc.oneof(fc.array(fc.constantFrom("attn_q", "ffn_up", "x")), fc.jsonValue()),
    learning_rate: fc.double(),
    epochs: fc.oneof(fc.double(), fc.integer({ min: -2, max: 3 })),
    batch_size: fc.integer({ min: -1, max: 2000 }),
    gradient_accumulation: fc.integer({ min: -1, max: 2000 }),
    sequence_length: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.jsonValue()),
    warmup_ratio: fc.double(),
    seed: fc.integer(),
    sample_prompts: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    pretrain: fc.oneof(
      fc.record(
        { dim: fc.integer({ min: 0, max: 5000 }), heads: fc.integer({ min: 0, max: 70 }) },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
    ["__proto__x"]: fc.jsonValue(),
  },
  { requiredKeys: ["model_id", "dataset_id"] },
);

test(
  "whatever JSON is thrown at it, the answer is 201 or a refusal that leaves nothing",
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), nearValid), async (body) => {
        const before = await stored();
        const response = await hub.post("/training/jobs", JSON.stringify(body));
        const answer = (await response.json()) as { id?: string; error?: { code: string } };
        const what = `${response.status} ${JSON.stringify(answer).slice(0, 500)}`;
        if (response.status === 201) {
          await hub.client.jobs.cancel(answer.id ?? "");
          return;
        }
        expect(isRefusal(response.status === 503 ? answer.error?.code : response.status), what).toBe(true);
        expect(await stored(), what).toEqual(before);
      }),
      { numRuns: 200, examples: [[valid], [{ ...valid, recipe: "full" }], [pretrain]] },
    );
  },
);
