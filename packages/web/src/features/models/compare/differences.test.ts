import type { ModelVersion } from "@hearth/wire/hub/models";
import { expect, test } from "vitest";
import { comparedParts, difference, type ComparedVersion } from "./differences.ts";

const hash = "a".repeat(64);

function version(number: number, change: Partial<ModelVersion>): ComparedVersion {
  return {
    evaluations: [],
    files: [{ file: "model.gguf", sha256: hash, bytes: 1000 * number }],
    version: {
      id: `v${number}`,
      model_id: "m",
      model: "m",
      version: number,
      status: "ready",
      kind: "full",
      base_version_id: null,
      metrics: { accuracy: 0.5, loss: number },
      artifact_path: null,
      checksums: { "model.gguf": hash },
      sha256: hash,
      aliases: [],
      summary: null,
      lineage: {
        job_id: null,
        run_id: null,
        dataset: null,
        base: null,
        recipe: { rank: 4, constructor: "x", "learning rate": number / 10 },
        seed: null,
        seeds: {},
        hardware: null,
        code: { commit: null, dirty: null, diff_sha256: null },
        environment: {},
      },
      error: null,
      created_at: "2026-01-01T00:00:00.000Z",
      ...change,
    },
  };
}

test("what differs comes first, and parts of which nothing is known are left out", () => {
  const parts = comparedParts([version(1, {}), version(2, {})], (id) => id);
  expect(parts.map(({ title, facts }) => [title, facts.map(({ name }) => name)])).toEqual([
    ["Figures of the version", ["loss", "accuracy"]],
    ["Training", ["learning rate", "rank", "constructor"]],
    ["Made from", ["kind"]],
    ["Sizes", ["model.gguf"]],
    ["Checksums (sha256)", ["model.gguf"]],
  ]);
  const [loss, accuracy] = parts[0]?.facts ?? [];
  expect([loss && difference(loss), accuracy && difference(accuracy)]).toEqual([1, null]);
});

test("only the newest evaluation of the same rows counts", () => {
  const evaluated = (accuracies: number[]): ComparedVersion => ({
    ...version(1, { metrics: {} }),
    evaluations: accuracies.map((accuracy, index) => ({
      id: String(index),
      run_id: "r",
      model: "m",
      version_id: "v1",
      version: 1,
      dataset_id: "d",
      split: "test",
      rows: 6,
      metrics: { accuracy },
      confusion: {},
      examples: [],
      seconds: 1,
      created_at: "2026-01-01T00:00:00.000Z",
    })),
  });
  const [part] = comparedParts([evaluated([0.9, 0.1]), evaluated([0.7])], () => "colours:1");
  expect(part?.facts).toMatchObject([
    { name: "colours:1, test: accuracy", values: [0.9, 0.7], differs: true },
    { name: "colours:1, test: rows", values: [6, 6], differs: false },
  ]);
});
