import type { EvaluationRow } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { answerOf } from "../datasets/datasets.ts";
import type { DatasetRow } from "../datasets/datasets.ts";
import { HearthError, serialiseError } from "../errors.ts";
import { answerAsText } from "../inference/chat/answer-as-text.ts";
import { callsOf } from "../inference/chat/message-calls.ts";
import { toolOf } from "../inference/chat/written-tools.ts";
import type { Prompt, ScoreRequest } from "../inference/engine.ts";
import type { CustomScorer } from "./custom-scorers/custom-scorer.ts";
import type { Measures } from "./measures/choose.ts";
import { isRight, lossOf, scoreAnswer } from "./measures/judge-row.ts";

export interface Question {
  version: ModelVersion;
  prompt: Exclude<Prompt, { kind: "tokens" }>;
  maxTokens: number;
}

/**
 * Asks a version; greedy, so that an evaluation gives the same figures every time. Calls of tools stand in the text as
 * `answerAsText` writes them. Times are in ms.
 */
export type Ask = (
  question: Question,
  signal: AbortSignal,
) => Promise<{ text: string; ttftMs: number; latencyMs: number }>;

/**
 * The log probabilities that a version gives the tokens of an answer.
 *
 * @throws HearthError `platform_unsupported` where its engine cannot tell, `invalid_request` for a row that is too long
 */
export type ScoreAnswer = (
  version: ModelVersion,
  answered: Omit<ScoreRequest, "adapter">,
  signal: AbortSignal,
) => Promise<readonly number[]>;

export interface AskRowsOptions {
  version: ModelVersion;
  labels: readonly string[];
  measures: Measures;
  /** Of a person's own. */
  scorers: readonly CustomScorer[];
  concurrency: number;
  ask: Ask;
  score: ScoreAnswer;
  onRow: (done: number) => void;
}

export interface AskedRows {
  /** In the order of the rows. */
  rows: EvaluationRow[];
  /** Why the engine gives no loss for any row; null where it does, or nobody asked. */
  noLoss: string | null;
}

/** Tokens beyond those of the answer: its end, and enough to see that it goes on. */
const spareTokens = 8;
const maximumTokens = 1_024;
/** Characters of a question that are kept with its row; the dataset has all of it. */
const askedLength = 2_000;

/**
 * Asks and judges every row, several at once. The first failure stops the others; a row that is too long
 * for the model is an answer of its own kind.
 */
export async function askRows(
  source: AsyncIterable<DatasetRow>,
  options: AskRowsOptions,
  signal: AbortSignal,
): Promise<AskedRows> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const iterator = source[Symbol.asyncIterator]();
  const found: AskedRows = { rows: [], noLoss: null };
  let taken = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      either.throwIfAborted();
      const index = taken++;
      // Rows are handed out in the order in which they are asked for.
      const next = await iterator.next();
      if (next.done === true) return;
      either.throwIfAborted();
      found.rows[index] = await judgeRow(next.value, index + 1, options, found, either);
      options.onRow(++done);
    }
  };
  const workers = Array.from({ length: options.concurrency }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    await iterator.return?.();
    throw error;
  }
  return found;
}

async function judgeRow(
  content: DatasetRow,
  number: number,
  options: AskRowsOptions,
  found: AskedRows,
  signal: AbortSignal,
): Promise<EvaluationRow> {
  const { prompt, given, expected, asked } = exchangeIn(content, number);
  const { measures } = options;
  const row: EvaluationRow = {
    row: number,
    right: null,
    failed: false,
    asked: asked.slice(-askedLength),
    expected,
    answer: null,
    refused: null,
    tokens: null,
    scores: {},
    failures: {},
    ttft_ms: null,
    latency_ms: null,
  };
  if (measures.answers) {
    await answerRow(row, prompt, options, signal);
    row.scores = scoreAnswer(row, measures);
    row.right = row.answer !== null && isRight(row.answer, expected);
    for (const scorer of options.scorers) {
      if (row.answer === null) row.failures[scorer.name] = "the row was not answered";
      else
        await customScore(row, scorer, { prompt: asked, expected, answer: row.answer, row: content }, signal);
    }
  }
  // After the answer: the engine still holds the prompt then.
  if (measures.loss && found.noLoss === null)
    await scoreRow(row, { prompt, ...given }, options, found, signal);
  row.failed = row.refused !== null || Object.keys(row.failures).length > 0;
  return row;
}

async function answerRow(
  row: EvaluationRow,
  prompt: Question["prompt"],
  { version, labels, ask }: AskRowsOptions,
  signal: AbortSignal,
): Promise<void> {
  // A token is at least one byte of the answer.
  const bytes = Math.max(...[row.expected, ...labels].map((text) => Buffer.byteLength(text)));
  const maxTokens = Math.min(maximumTokens, bytes + spareTokens);
  try {
    const { text, ttftMs, latencyMs } = await ask({ version, prompt, maxTokens }, signal);
    row.answer = text;
    row.ttft_ms = ttftMs;
    row.latency_ms = latencyMs;
  } catch (error) {
    if (!(error instanceof HearthError && error.code === "invalid_request")) throw error;
    row.refused = error.message;
  }
}

async function scoreRow(
  row: EvaluationRow,
  answered: Parameters<ScoreAnswer>[1],
  { version, score }: AskRowsOptions,
  found: AskedRows,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { loss, tokens } = lossOf(await score(version, answered, signal));
    row.tokens = tokens;
    if (loss === null) row.failures["loss"] = "the model holds a token of the expected answer for impossible";
    else row.scores["loss"] = loss;
  } catch (error) {
    const { code, message } = serialiseError(error);
    if (code === "platform_unsupported") found.noLoss = message;
    else if (code === "invalid_request") row.failures["loss"] = message;
    else throw error;
  }
}

async function customScore(
  row: EvaluationRow,
  scorer: CustomScorer,
  input: Parameters<CustomScorer["score"]>[0],
  signal: AbortSignal,
): Promise<void> {
  const outcome = await scorer.score(input, signal);
  if ("failure" in outcome) row.failures[scorer.name] = outcome.failure;
  else Object.assign(row.scores, outcome.values);
}

interface Exchange {
  prompt: Question["prompt"];
  /** What is to be answered, as training has it: blanks around it are tokens, too. */
  given: Pick<ScoreRequest, "answer" | "toolCalls">;
  /** The same as a text that answers are compared with. */
  expected: string;
  /** The last thing that was said before it. */
  asked: string;
}

function exchangeIn(row: DatasetRow, number: number): Exchange {
  try {
    return exchangeOf(row);
  } catch (error) {
    if (!(error instanceof HearthError && error.code === "invalid_request")) throw error;
    throw new HearthError("dataset_invalid", `row ${number}: ${error.message}`, {
      cause: error,
      details: { row: number },
    });
  }
}

/** A row as a question and its answer: told and asked as in training. Errors: InvalidRequest for tools and calls that are none. */
function exchangeOf(row: DatasetRow): Exchange {
  // Running text is a document of its own, which nobody asked for.
  if (row.format === "text")
    return { prompt: { kind: "text", text: "" }, given: { answer: row.text }, expected: row.text, asked: "" };
  const answer = answerOf(row) ?? "";
  if (row.format === "prompt")
    return {
      prompt: { kind: "text", text: row.prompt },
      given: { answer: row.completion },
      expected: answer,
      asked: row.prompt,
    };
  const messages = row.messages.slice(0, -1).map((message) => ({ ...message }));
  const last = row.messages.at(-1);
  const calls = last === undefined ? null : callsOf(last);
  return {
    prompt: {
      kind: "chat",
      messages,
      ...(row.tools === undefined ? {} : { tools: row.tools.map(toolOf) }),
    },
    given: { answer: last?.content ?? "", ...(calls === null ? {} : { toolCalls: last?.tool_calls ?? [] }) },
    expected: answerAsText(answer, calls ?? []),
    asked: messages.at(-1)?.content ?? "",
  };
}
