import { trainingParameters } from "@hearth/wire/hub/training";
import { expect, test } from "vitest";
import { HearthError } from "../../errors.ts";
import { mlxTrainer } from "./mlx/trainer.ts";
import { figuresOfSummary } from "../base-figures.ts";
import { onnxTrainer } from "./onnx/trainer.ts";
import { Trainers } from "./trainers.ts";

const gguf = { reference: "ember:1", summary: { architecture: "llama" } };
const mlx = { reference: "small:1", summary: { format: "mlx", architecture: "llama" } };
const installed = { interpreter: "/python", device: "cpu", version: "0.32.2" };
const withMlx = new Trainers([onnxTrainer(), mlxTrainer(() => installed)]);
const withoutMlx = new Trainers([
  onnxTrainer(),
  mlxTrainer(() => {
    throw new HearthError("platform_unsupported", "mlx-lm is not installed; `hearth mlx install` does it");
  }),
]);

test("the trainer follows from the base's format and the recipe, and says why", () => {
  const embedded = withMlx.choose("auto", { recipe: "full", base: gguf });
  expect(embedded.trainer.name).toBe("onnx");
  expect(embedded.reason).toMatch(
    /the recipe 'full' on ember:1 here \(ONNX Runtime \d.*not mlx: it does not read/,
  );
  expect(withoutMlx.choose("auto", { recipe: "pretrain", base: null }).trainer.name).toBe("onnx");
  const own = withMlx.choose("auto", { recipe: "lora", base: mlx });
  expect(own.trainer.name).toBe("mlx");
  expect(own.reason).toMatch(/\(mlx-lm 0\.32\.2 on cpu\); not onnx: it does not read bases in MLX's format/);
  expect(own.trainer.launch()).toMatchObject({ args: ["/python", "cpu"] });
  expect(withMlx.choose("mlx", { recipe: "lora", base: mlx }).reason).toBe("'mlx' was asked for");
});

test.each([
  [
    "a base that only an absent one reads",
    withoutMlx,
    "auto",
    "lora",
    mlx,
    "base_model",
    /hearth mlx install/,
  ],
  ["a recipe that its reader does not do", withMlx, "auto", "full", mlx, "recipe", /allowed: lora$/],
  [
    "an architecture of nobody",
    withMlx,
    "auto",
    "lora",
    { reference: "odd:1", summary: { architecture: "mamba" } },
    "base_model",
    /does not train the architecture 'mamba'/,
  ],
  [
    "one asked for that is not installed",
    withoutMlx,
    "mlx",
    "lora",
    mlx,
    "trainer",
    /not installed.*allowed: auto$/,
  ],
  [
    "one asked for that cannot read the base",
    withMlx,
    "mlx",
    "lora",
    gguf,
    "trainer",
    /GGUF's format; allowed: auto, onnx/,
  ],
] as const)("refused by its field: %s", (_name, trainers, asked, recipe, base, field, words) => {
  expect(() => trainers.choose(asked, { recipe, base })).toThrow(
    expect.objectContaining({
      code: "invalid_request",
      message: expect.stringMatching(words),
      details: expect.objectContaining({ field }),
    }),
  );
});

test("what can run here is told with the reason, and only its bases are offered", () => {
  expect(withoutMlx.describe()).toMatchObject([
    { name: "onnx", available: true, formats: ["gguf"] },
    {
      name: "mlx",
      available: false,
      found: expect.stringContaining("not installed"),
      formats: ["mlx"],
      recipes: ["lora"],
    },
  ]);
  expect(withoutMlx.canStartFrom(mlx.summary)).toBe(false);
  expect(withMlx.canStartFrom(mlx.summary)).toBe(true);
  expect(() => withoutMlx.named("mlx")).toThrow(expect.objectContaining({ code: "platform_unsupported" }));
});

test.each([
  // Peak of Python plus Node's, on Linux, f32 weights, rank 8 on all layers.
  [
    "0.14M parameters, 8 x 64",
    { parameters: 139_264, embedding: 64, layers: 2, heads: 4, ffn: 128, vocabulary: 512 },
    8,
    64,
    582_267,
    217e6,
  ],
  [
    "0.14M parameters, 8 x 256",
    { parameters: 139_264, embedding: 64, layers: 2, heads: 4, ffn: 128, vocabulary: 512 },
    8,
    256,
    582_267,
    291e6,
  ],
  [
    "27M parameters, 4 x 128",
    { parameters: 27_262_976, embedding: 512, layers: 8, heads: 8, ffn: 1536, vocabulary: 4096 },
    4,
    128,
    109_343_727,
    605e6,
  ],
])(
  "mlx's memory is told within a fifth of what was measured: %s",
  (_name, shape, batch_size, sequence_length, fileSize, measured) => {
    const { trainer } = withMlx.choose("mlx", { recipe: "lora", base: mlx });
    const parameters = { ...trainingParameters.parse({ batch_size }), sequence_length };
    const figures = figuresOfSummary(shape);
    if (figures === null) throw new Error("no figures");
    const { memoryBytes } = trainer.requirements(figures, parameters, { fileSize });
    expect(memoryBytes / measured).toBeGreaterThan(0.8);
    expect(memoryBytes / measured).toBeLessThan(1.2);
  },
);

test("a setting that mlx does not have is refused by its name, its defaults are not", () => {
  const { trainer } = withMlx.choose("mlx", { recipe: "lora", base: mlx });
  const complete = {
    ...trainingParameters.parse({}),
    learning_rate: 1e-3,
    lora_alpha: 16,
    sequence_length: 64,
  };
  expect(() => trainer.check(complete)).not.toThrow();
  expect(() => trainer.check({ ...complete, provider: "webgpu" })).toThrow(
    expect.objectContaining({ details: { field: "provider", value: "webgpu", allowed: '"auto"' } }),
  );
});
