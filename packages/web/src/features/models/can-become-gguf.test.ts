import { expect, test } from "vitest";
import { canBecomeGguf } from "./can-become-gguf.ts";

const hash = "a".repeat(64);
const mlx = { "adapters.safetensors": hash, "adapter.gguf": hash, "probes.json": hash };

test("an adapter can become one of GGUF where its training left one, and the prompts to know the base by", () => {
  expect(canBecomeGguf({ kind: "adapter", status: "ready", checksums: mlx })).toBe(true);
  const { "adapter.gguf": _copy, ...without } = mlx;
  // GGUF has no such layers.
  expect(canBecomeGguf({ kind: "adapter", status: "ready", checksums: without })).toBe(false);
  // It is one already.
  const own = { "adapter.gguf": hash, "adapter_model.safetensors": hash };
  expect(canBecomeGguf({ kind: "adapter", status: "ready", checksums: own })).toBe(false);
});

test("what is not ready, and what are whole weights, cannot", () => {
  expect(canBecomeGguf({ kind: "adapter", status: "training", checksums: mlx })).toBe(false);
  expect(canBecomeGguf({ kind: "full", status: "ready", checksums: mlx })).toBe(false);
});
