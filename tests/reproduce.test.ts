import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Lineage } from "@hearth/wire/hub/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HearthApiError } from "../packages/sdk/src/errors.ts";
import { readGgufHeader } from "../packages/hub/src/model-files/gguf/read.ts";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel("base");
  await hub.client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  await hub.client.models.create({ name: "tuned", base_model: "base", task_type: "classification" });
}, 60_000);
afterAll(() => hub[Symbol.asyncDispose]());

const slow = { timeout: 300_000 };

/** Trains the next version of `tuned` and returns its number. */
async function train(): Promise<number> {
  const { client } = hub;
  const job = await client.jobs.create({
    model_id: "tuned",
    dataset_id: "colours",
    lora_rank: 4,
    epochs: 2,
    batch_size: 4,
    learning_rate: 0.01,
    seed: 5,
  });
  for await (const event of client.jobs.events(job.id))
    if (event.type === "status" && event.job.error !== null) throw new Error(event.job.error.message);
  return job.version;
}

async function reproduce(version: number) {
  const job = await hub.client.models.reproduce("tuned", version);
  for await (const event of hub.client.jobs.events(job.id))
    if (event.type === "status" && event.job.error !== null) throw new Error(event.job.error.message);
  const done = await hub.client.jobs.get(job.id);
  if (done.reproduction === null) throw new Error("the job has no report");
  return { ...done, reproduction: done.reproduction };
}

/** What somebody does who changes the hub's database behind its back. */
function inDatabase(work: (database: Database.Database) => void): void {
  const database = new Database(join(hub.home, "hearth.db"));
  try {
    work(database);
  } finally {
    database.close();
  }
}

function alterLineage(versionId: string, alter: (lineage: Lineage) => void): void {
  inDatabase((database) => {
    const row = database.prepare("select lineage from model_versions where id = ?").get(versionId);
    const lineage = JSON.parse((row as { lineage: string }).lineage) as Lineage;
    alter(lineage);
    database
      .prepare("update model_versions set lineage = ? where id = ?")
      .run(JSON.stringify(lineage), versionId);
  });
}

describe("a version that was trained here", () => {
  test("names everything that it was made from and with", slow, async () => {
    const dataset = await hub.client.datasets.get("colours");
    const number = await train();
    const { lineage } = await hub.client.models.version("tuned", number);
    expect(lineage).toMatchObject({
      dataset: {
        name: "colours",
        version: 1,
        sha256: dataset.checksum,
        splits: {
          train: { rows: 12, sha256: dataset.splits.train?.sha256 },
          validation: { rows: 3, sha256: dataset.splits.validation?.sha256 },
          test: { rows: 6 },
        },
      },
      base: { reference: "base:1", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      seed: 5,
      seeds: { data_order: 5, lora_init: 5 },
      recipe: { lora_rank: 4, lora_alpha: 8, warmup_ratio: 0.05, sequence_length: expect.any(Number) },
      hardware: { cpu: expect.any(String), cores: expect.any(Number), memory_bytes: expect.any(Number) },
      environment: {
        trainer: "onnx",
        onnxruntime: expect.stringMatching(/^\d+\.\d+/),
        node: process.version,
        provider: "cpu",
        threads: expect.stringMatching(/^\d+$/),
        package_lock_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    // In a checkout there is a commit, and what differs from it has a checksum.
    const { commit, dirty, diff_sha256 } = lineage.code;
    if (commit !== null) expect(diff_sha256 !== null).toBe(dirty);

    const shown = await hearth(["models", "show", `tuned:${number}`, "--lineage", "--url", hub.url]);
    for (const line of [
      /dataset.train +12 rows/,
      /seed.lora_init +5/,
      /hardware.cpu/,
      /recipe.lora_alpha +8/,
    ])
      expect(shown.stdout).toMatch(line);
    const told = await hearth(["models", "show", `tuned:${number}`, "--lineage", "--json", "--url", hub.url]);
    expect(told.json).toEqual(JSON.parse(JSON.stringify(lineage)));
  });

  test("is reproduced to the same bytes, also where something changed without effect", slow, async () => {
    const number = await train();
    const version = await hub.client.models.version("tuned", number);
    alterLineage(version.id, (lineage) => (lineage.environment["release"] = "0.0.1"));
    const done = await hearth(["reproduce", `tuned:${number}`, "--json", "--url", hub.url]);
    expect(done).toMatchObject({
      code: 0,
      json: {
        identical: true,
        expected_sha256: version.sha256,
        actual_sha256: version.sha256,
        reproduction: {
          identical: true,
          first_difference: null,
          metrics: expect.arrayContaining([{ metric: "loss", steps: 6, first: null }]),
          changed: [{ name: "release", expected: "0.0.1" }],
          causes: [],
        },
      },
    });
    expect(Object.keys(version.checksums)).toHaveLength(3);
    const { reproduction } = (done.json as { job: { reproduction: { files: unknown[] } } }).job;
    expect(reproduction.files).toHaveLength(3);
    expect(done.stderr).toContain("loss: equal at all 6 recorded steps");
  });

  test(
    "differs when its stored specification was altered: step, tensor and cause are named",
    slow,
    async () => {
      const number = await train();
      const version = await hub.client.models.version("tuned", number);
      inDatabase((database) => {
        const row = database
          .prepare("select specification from jobs where id = ?")
          .get(version.lineage.job_id);
        const { specification } = row as { specification: string };
        const altered = specification.replaceAll('"learning_rate":0.01', '"learning_rate":0.02');
        expect(altered).not.toBe(specification);
        database
          .prepare("update jobs set specification = ? where id = ?")
          .run(altered, version.lineage.job_id);
      });
      const done = await hearth(["reproduce", `tuned:${number}`, "--json", "--url", hub.url]);
      expect(done).toMatchObject({
        code: 5,
        json: {
          identical: false,
          reproduction: {
            first_difference: {
              file: "adapter.gguf",
              kind: "tensor",
              name: expect.stringContaining("lora_a"),
            },
            causes: [
              {
                kind: "specification",
                likelihood: "certain",
                what: expect.stringContaining("learning_rate 0.01 → 0.02"),
              },
            ],
          },
        },
      });
      const { metrics } = (done.json as { reproduction: { metrics: { metric: string; first: unknown }[] } })
        .reproduction;
      // The first step has the same weights still; its loss is the same, the next one's is not.
      expect(metrics).toMatchObject([
        { metric: "learning_rate", steps: 0, first: { step: 1 } },
        { metric: "loss", steps: 1, first: { step: 2, expected: expect.any(Number) } },
        { metric: "gradient_norm" },
        { metric: "validation_loss" },
      ]);
      expect(done.stderr).toContain("certain cause: the stored specification is not the recipe");
    },
  );

  test("differs when its adapter was altered: the number is named, and what it should be", slow, async () => {
    const number = await train();
    const version = await hub.client.models.version("tuned", number);
    const path = version.artifact_path ?? "";
    const { tensors } = await readGgufHeader(path);
    const tensor = tensors.get("blk.1.attn_q.weight.lora_b");
    if (tensor === undefined) throw new Error(`the adapter has only ${[...tensors.keys()].join(", ")}`);
    const [, columns = 0] = tensor.shape;
    const element = 2 * columns + 1;
    const bytes = await readFile(path);
    const original = bytes.readFloatLE(tensor.offset + 4 * element);
    const file = await open(path, "r+");
    const value = Buffer.alloc(4);
    value.writeFloatLE(1.5);
    await file.write(value, 0, 4, tensor.offset + 4 * element);
    await file.close();
    // What is otherwise in the record as well does not outweigh what is certain.
    alterLineage(version.id, (lineage) => (lineage.environment["onnxruntime"] = "1.0.0"));

    const { identical, reproduction } = await reproduce(number);
    expect(identical).toBe(false);
    expect(reproduction.first_difference).toMatchObject({
      file: "adapter.gguf",
      kind: "tensor",
      name: tensor.name,
      index: [2, 1],
      expected: "1.5",
      actual: String(original),
      differing: 1,
    });
    expect(reproduction.metrics.every(({ first }) => first === null)).toBe(true);
    expect(reproduction.causes).toMatchObject([
      {
        kind: "kept_file",
        likelihood: "certain",
        what: expect.stringContaining("the repetition gave the bytes that were registered"),
      },
      {
        kind: "library",
        likelihood: "likely",
        what: expect.stringContaining("another onnxruntime: 1.0.0 →"),
      },
    ]);
    await rm(path);
    expect((await reproduce(number)).reproduction).toMatchObject({
      first_difference: { kind: "missing", file: "adapter.gguf", expected: null },
      causes: [{ kind: "kept_file", what: expect.stringContaining("adapter.gguf is missing") }, {}],
    });
  });

  test(
    "is not run again from other inputs: what was found is told, and nothing is queued",
    slow,
    async () => {
      const number = await train();
      const version = await hub.client.models.version("tuned", number);
      const base = await hub.client.models.version("base", 1);
      const path = base.artifact_path ?? "";
      const { total } = await hub.client.jobs.list();
      await rename(path, `${path}.away`);
      const refused = await hub.client.models.reproduce("tuned", number).catch((error: unknown) => error);
      await rename(`${path}.away`, path);
      expect(refused).toBeInstanceOf(HearthApiError);
      expect(refused).toMatchObject({
        status: 409,
        details: { path, found: null, expected: version.lineage.base?.sha256 },
      });
      expect((await hub.client.jobs.list()).total).toBe(total);
    },
  );
});
