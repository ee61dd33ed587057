import { trainingParameters } from "@hearth/wire/hub/training";
import { expect, test } from "vitest";
import { estimateRequirements } from "./requirements.ts";

const shape = {
  vocabulary: 32_000,
  dim: 4096,
  layers: 64,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  ffn: 14_336,
  context: 512,
  tied: true,
  normEps: 1e-5,
  ropeTheta: 10_000,
};
const needsOf = (given: Record<string, unknown>) =>
  estimateRequirements(
    { shape },
    { ...trainingParameters.parse({ batch_size: 1, ...given }), sequence_length: 128 },
  );

test.each([
  ["lora_rank", { recipe: "lora", lora_rank: 256 }, 256],
  ["recipe", { recipe: "full" }, "full"],
  ["pretrain", { recipe: "pretrain" }, expect.any(Number)],
])("more than there are places for is refused by the field that decides it: %s", (field, given, value) => {
  expect(() => needsOf(given)).toThrow(
    expect.objectContaining({ code: "invalid_request", details: expect.objectContaining({ field, value }) }),
  );
});

test("a device has no such places, and holds old and new values at the end of an update", () => {
  expect(needsOf({ recipe: "full", provider: "webgpu" }).memoryParts.trained).toBeGreaterThan(24 * 1e10);
  expect(needsOf({ recipe: "lora", lora_rank: 64 }).memoryBytes).toBeGreaterThan(1e9);
});
