import type { ChangedFact, FileDifference } from "@hearth/wire/hub/reproduction";
import { expect, test } from "vitest";
import { likelyCauses, type Findings } from "./causes.ts";

const tensor: FileDifference = {
  ...({ file: "adapter.gguf", kind: "tensor", name: "a", index: [0, 1], offset: null } as const),
  expected: "1",
  actual: "2",
  differing: 1,
  elements: 4,
  largest: 1,
};
const bytes: FileDifference = { ...tensor, file: "adapter_config.json", kind: "bytes" };
const sum = (digit: string) => digit.repeat(64);
const alike = [{ metric: "loss", steps: 8, first: null }];
const apart = [{ metric: "loss", steps: 3, first: { step: 4, expected: 1, actual: 2 } }];

function causes(found: Partial<Findings>) {
  return likelyCauses({
    files: [{ file: "adapter.gguf", expected_sha256: sum("a"), actual_sha256: sum("b") }],
    registered: { "adapter.gguf": sum("a") },
    difference: tensor,
    metrics: apart,
    changed: [],
    earlier: { same: 0, others: 0 },
    ...found,
  });
}

const fact = (name: string, expected = "old", actual = "new"): ChangedFact => ({ name, expected, actual });

test("certain causes come first, then libraries, code and machine, then what seldom decides a number", () => {
  const names = [
    "threads",
    "release",
    "node",
    "package_lock_sha256",
    "hardware.features",
    "code.changes",
    "code.commit",
    "onnxruntime",
    "mlx",
    "provider",
    "base",
    "recipe.lora_rank",
  ];
  const found = causes({ changed: names.map((name) => fact(name)) });
  expect(found.map(({ kind, likelihood }) => `${likelihood} ${kind}`)).toEqual([
    "certain specification",
    "certain inputs",
    "likely provider",
    "likely library",
    "likely library",
    "likely code",
    "likely code",
    "likely hardware",
    "possible lock",
    "possible runtime",
    "unlikely system",
    "unlikely threads",
  ]);
  expect(found[0]?.what).toContain("lora_rank old → new");
});

test("another arithmetic of the trainer is told as what it is", () => {
  const [cause] = causes({ changed: [fact("numeric", '{"graph":1}', '{"graph":2}')] });
  expect(cause).toMatchObject({ kind: "library", likelihood: "likely" });
  expect(cause?.what).toBe('the trainer computes otherwise: {"graph":1} → {"graph":2}');
});

test("more memory explains nothing", () => {
  expect(causes({ changed: [fact("hardware.memory"), fact("hardware.cores")] })).toMatchObject([
    { kind: "unknown" },
  ]);
});

test("where every step was the same and no number differs, the machine is not to blame", () => {
  const changed = [fact("hardware.cpu"), fact("code.commit")];
  const kinds = (found: Partial<Findings>) => causes({ changed, ...found }).map(({ kind }) => kind);
  expect(kinds({ metrics: apart })).toEqual(["code", "hardware"]);
  const exported = causes({ changed, metrics: alike, difference: bytes });
  expect(exported).toMatchObject([{ kind: "code" }, { kind: "hardware", likelihood: "unlikely" }]);
});

test("a kept file that is not what was registered is the cause, whatever else changed", () => {
  const found = causes({
    files: [{ file: "adapter.gguf", expected_sha256: sum("c"), actual_sha256: sum("a") }],
    changed: [fact("onnxruntime")],
  });
  expect(found).toMatchObject([
    { kind: "kept_file", likelihood: "certain" },
    { kind: "library", likelihood: "likely" },
  ]);
  expect(found[0]?.what).toContain("the repetition gave the bytes that were registered");
});

test("without a recorded change, earlier repetitions tell whether the training repeats at all", () => {
  const told = (earlier: Findings["earlier"]) => causes({ earlier })[0]?.what;
  expect(told({ same: 0, others: 0 })).toContain("reproduce it once more");
  expect(told({ same: 2, others: 1 })).toContain("something that is not recorded has changed");
  expect(told({ same: 0, others: 1 })).toContain("does not give the same bytes twice");
});
