import type { Dataset } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { EstimateJobRequest, LinearName } from "@hearth/wire/hub/training";
import { estimateJobRequest } from "@hearth/wire/hub/training";
import { expect, test } from "vitest";
import { emptyLineage } from "../registry/present.ts";
import { checkTemplate } from "./checks/check-base.ts";
import { checkParameters, completeParameters } from "./parameters.ts";

const dataset: Dataset = {
  id: "d",
  name: "mails",
  version: 1,
  path: "mails",
  checksum: "0".repeat(64),
  format: "chat",
  schema: {},
  rows: 20,
  splits: { train: { file: "train.jsonl", rows: 20, bytes: 2_000, sha256: "0".repeat(64) } },
  labels: [],
  sources: [],
  mapping: null,
  division: null,
  created_at: "2026-01-01T00:00:00.000Z",
};

const base: ModelVersion = {
  id: "v",
  model_id: "m",
  model: "base",
  version: 1,
  status: "ready",
  kind: "full",
  base_version_id: null,
  metrics: {},
  artifact_path: "base.gguf",
  checksums: {},
  sha256: "0".repeat(64),
  aliases: [],
  summary: { context: 256, embedding: 64, chatTemplate: true },
  lineage: emptyLineage,
  error: null,
  created_at: "2026-01-01T00:00:00.000Z",
};

/** The field that is refused, or null. */
function refusedField(
  request: Partial<EstimateJobRequest>,
  { data = dataset, version = base }: { data?: Dataset; version?: ModelVersion } = {},
): unknown {
  const complete = estimateJobRequest.parse({ dataset_id: "d", ...request });
  try {
    checkParameters(completeParameters(complete, version), data, version);
    checkTemplate(version, data);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_request" });
    return (error as { details: { field?: unknown } }).details.field;
  }
}

test("conversations need a base with a chat template; prompts do not", () => {
  const version = { ...base, summary: { ...base.summary, chatTemplate: false } };
  expect(refusedField({})).toBeNull();
  expect(refusedField({}, { version })).toBe("dataset_id");
  expect(refusedField({}, { version, data: { ...dataset, format: "prompt" } })).toBeNull();
});

test("packing is for rows, on the CPU", () => {
  expect(refusedField({ packing: true })).toBeNull();
  expect(refusedField({ packing: true, provider: "webgpu" })).toBe("packing");
  expect(refusedField({ packing: true }, { data: { ...dataset, format: "text" } })).toBe("packing");
  expect(refusedField({ packing: false }, { data: { ...dataset, format: "text" } })).toBeNull();
});

test("the rank is at most the narrower side of the narrowest layer that it is for", () => {
  const sizes = { parameters: 1e6, layers: 2, heads: 6, kvHeads: 2, headDim: 8, ffn: 40 };
  const version = { ...base, summary: { ...base.summary, ...sizes } };
  const least = (...targets: LinearName[]): number => {
    const fits = (rank: number) =>
      refusedField({ lora_rank: rank, lora_targets: targets }, { version }) === null;
    return Array.from({ length: 64 }, (_, index) => index + 1).filter(fits).length;
  };
  expect(least("attn_q")).toBe(48);
  expect(least("attn_output")).toBe(48);
  expect(least("attn_k", "ffn_up")).toBe(16);
  expect(least("ffn_down")).toBe(40);
});
