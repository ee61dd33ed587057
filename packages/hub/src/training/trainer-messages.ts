import { jobProgress, trainingSample } from "@hearth/wire/hub/training";
import { jobGuard } from "@hearth/wire/hub/training-queue";
import { z } from "zod";
import type { TrainerEvent } from "./trainers/trainer.ts";

/** Any number, NaN and the infinities included: a loss may become one of them. */
const anyNumber = z.custom<number>((value) => typeof value === "number", "a number");

const measuredProgress = jobProgress.extend({
  loss: anyNumber.nullable(),
  first_loss: anyNumber.nullable(),
  validation_loss: anyNumber.nullable(),
});

export const metricPoint = z.object({
  key: z.string().min(1).max(250),
  value: anyNumber,
  step: z.int(),
  timestamp: z.int().min(0),
});

const tokens = z.array(z.int().min(0));

/** What a trainer delivers at its end. */
export const trainingResult = z.object({
  engineFile: z.string().min(1),
  files: z.array(z.string().min(1)).min(1).max(1_000),
  kind: z.enum(["full", "adapter"]),
  probes: z.array(z.object({ promptTokens: tokens.min(1), expectedTokens: tokens })),
  metrics: z.object({
    first_loss: anyNumber,
    last_loss: anyNumber,
    validation_loss: z.exactOptional(anyNumber),
    tokens_per_second: anyNumber,
    trained_tokens: z.int().min(0),
    peak_memory_bytes: z.int().min(0),
    steps: z.int().min(0),
  }),
  environment: z.record(z.string().max(250), z.string().max(5_000)),
});

const shownText = z.string().max(10_000);
const boundedSample = trainingSample.extend({
  prompt: shownText,
  expected: shownText.nullable(),
  answer: shownText,
});

/** The reasons that a trainer may give; any other is the general one. */
const failureCode = z
  .enum([
    "invalid_request",
    "path_not_allowed",
    "platform_unsupported",
    "model_load_failed",
    "resource_exhausted",
    "timeout",
    "training_failed",
    "dataset_invalid",
    "model_file_invalid",
    "configuration_invalid",
    "internal",
  ])
  .catch("training_failed");

const trainerEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("heartbeat") }),
  z.object({
    type: z.literal("progress"),
    progress: measuredProgress,
    metrics: z.array(metricPoint).max(100_000),
  }),
  z.object({ type: z.literal("log"), line: z.string() }),
  z.object({ type: z.literal("sample"), sample: boundedSample }),
  z.object({
    type: z.literal("guard"),
    guard: jobGuard.omit({ at: true }),
    wentBackTo: z.exactOptional(z.int().min(0)),
  }),
  z.object({ type: z.literal("result"), result: trainingResult }),
  z.object({
    type: z.literal("failed"),
    error: z.object({ code: failureCode, message: z.string(), details: z.record(z.string(), z.unknown()) }),
  }),
  z.object({ type: z.literal("cancelled") }),
]) satisfies z.ZodType<TrainerEvent>;

export type TrainerMessage = z.infer<typeof trainerEvent>;
export type ParsedMessage = { ok: true; event: TrainerMessage } | { ok: false; why: string };

/** Reads a message of a trainer, which is a process of its own and is believed nothing. */
export function parseTrainerMessage(message: unknown): ParsedMessage {
  const parsed = trainerEvent.safeParse(message);
  return parsed.success
    ? { ok: true, event: parsed.data }
    : { ok: false, why: z.prettifyError(parsed.error) };
}
