import { jobProgress, trainingSample } from "@hearth/wire/hub/training";
import { z } from "zod";
import { wentBackSchema } from "../divergence.ts";

const figure = z.number();
/** JSON has no numbers that are not finite: they come as words. */
const anyFigure = figure.or(z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number));
const step = z.int().min(0);
const timestamp = z.int().min(0);

const oneStep = z.strictObject({
  type: z.literal("step"),
  timestamp,
  step,
  loss: figure,
  learning_rate: figure,
  gradient_norm: figure,
  /** Inputs that were not padding. */
  tokens: z.int().min(0),
  milliseconds: figure.min(0),
});
const validation = z.strictObject({ type: z.literal("validation"), timestamp, step, loss: anyFigure });
const tokens = z.array(z.int().min(0));

const known = jobProgress.pick({ step: true, steps: true, first_loss: true });

/** What `python/train.py` tells, one JSON line each. */
export const pythonMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready") }),
  z.strictObject({ type: z.literal("log"), line: z.string() }),
  /** Training begins or goes on; `told` are the last figures before the checkpoint, once more. */
  z.strictObject({
    type: z.literal("begun"),
    ...known.shape,
    last_loss: figure.nullable(),
    validation_loss: anyFigure.nullable(),
    told: z.array(z.discriminatedUnion("type", [oneStep, validation])).max(1_000),
  }),
  oneStep,
  validation,
  z.strictObject({ type: z.literal("sample"), sample: trainingSample }),
  z.strictObject({ type: z.literal("exporting") }),
  z.strictObject({
    type: z.literal("result"),
    probes: z.array(z.strictObject({ promptTokens: tokens.min(1), expectedTokens: tokens.min(1) })).max(64),
    first_loss: figure,
    last_loss: figure,
    validation_loss: anyFigure.nullable(),
    trained_tokens: z.int().min(0),
    steps: step,
    went_back: wentBackSchema.nullable(),
    tokens_per_second: figure.min(0),
    peak_memory_bytes: z.int().min(0),
    environment: z.record(z.string().max(100), z.string().max(1_000)),
  }),
  /** A step gave no finite numbers; the weights are spoilt, and whether the run goes on is not Python's to say. */
  z.strictObject({
    type: z.literal("diverged"),
    step: step.min(1),
    loss: anyFigure,
    gradient_norm: anyFigure,
    learning_rate: figure,
    last_loss: figure.nullable(),
    went_back: wentBackSchema.nullable(),
  }),
  z.strictObject({
    type: z.literal("failed"),
    error: z.strictObject({
      code: z.enum(["invalid_request", "dataset_invalid", "resource_exhausted", "training_failed"]),
      message: z.string().max(20_000),
      details: z.record(z.string(), z.unknown()),
    }),
  }),
  z.strictObject({ type: z.literal("cancelled") }),
  /** A checkpoint was left. */
  z.strictObject({ type: z.literal("stopped") }),
]);
export type PythonMessage = z.infer<typeof pythonMessage>;
export type ToldFigure = Extract<PythonMessage, { type: "step" | "validation" }>;
