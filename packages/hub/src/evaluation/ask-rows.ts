import type { ModelVersion } from "@hearth/wire/hub/models";
import { answerOf } from "../datasets/datasets.ts";
import type { DatasetRow } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import type { Prompt } from "../inference/engine.ts";
import type { AnsweredRow } from "./measure.ts";

export interface Question {
  version: ModelVersion;
  prompt: Exclude<Prompt, { kind: "tokens" }>;
  maxTokens: number;
}

/** Asks a version; greedy, so that an evaluation gives the same figures every time. Times are in ms. */
export type Ask = (
  question: Question,
  signal: AbortSignal,
) => Promise<{ text: string; ttftMs: number; latencyMs: number }>;

export interface AskRowsOptions {
  version: ModelVersion;
  labels: readonly string[];
  concurrency: number;
  ask: Ask;
  onAnswer: (done: number) => void;
}

/** Tokens beyond those of the answer: its end, and enough to see that it goes on. */
const spareTokens = 8;
const maximumTokens = 1_024;

/**
 * Asks every row, several at once, and returns the answers in the order of the rows. The first
 * failure stops the others; a row that is too long for the model is an answer of its own kind.
 */
export async function askRows(
  rows: AsyncIterable<DatasetRow>,
  options: AskRowsOptions,
  signal: AbortSignal,
): Promise<AnsweredRow[]> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const source = rows[Symbol.asyncIterator]();
  const answers: AnsweredRow[] = [];
  let taken = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      either.throwIfAborted();
      const index = taken++;
      // Rows are handed out in the order in which they are asked for.
      const next = await source.next();
      if (next.done === true) return;
      either.throwIfAborted();
      answers[index] = await askRow(next.value, index + 1, options, either);
      options.onAnswer(++done);
    }
  };
  const workers = Array.from({ length: options.concurrency }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    await source.return?.();
    throw error;
  }
  return answers;
}

async function askRow(
  row: DatasetRow,
  number: number,
  options: AskRowsOptions,
  signal: AbortSignal,
): Promise<AnsweredRow> {
  const expected = answerOf(row);
  if (expected === null || row.format === "text") {
    throw new HearthError(
      "invalid_request",
      "dataset: rows of running text have no expected answer; evaluate on a dataset of chat or prompt rows",
      {
        details: { field: "dataset", value: "text", allowed: "chat, prompt" },
      },
    );
  }
  const prompt: Question["prompt"] =
    row.format === "chat"
      ? { kind: "chat", messages: row.messages.slice(0, -1).map((message) => ({ ...message })) }
      : { kind: "text", text: row.prompt };
  // A token is at least one byte of the answer.
  const bytes = Math.max(...[expected, ...options.labels].map((text) => Buffer.byteLength(text)));
  const question: Question = {
    version: options.version,
    prompt,
    maxTokens: Math.min(maximumTokens, bytes + spareTokens),
  };
  try {
    const { text, ttftMs, latencyMs } = await options.ask(question, signal);
    return { row: number, expected, answer: text, ttftMs, latencyMs };
  } catch (error) {
    if (error instanceof HearthError && error.code === "invalid_request")
      return { row: number, expected, answer: null, ttftMs: 0, latencyMs: 0 };
    throw error;
  }
}
