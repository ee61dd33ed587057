import type { TrainingSpecification } from "../../trainer.ts";
import { lastAnswer, textPrompt } from "./collect.ts";
import { encodeQuestion, encodeRow } from "./encode.ts";
import type { Encoding } from "./encode.ts";
import { readRows } from "./jsonl.ts";
import type { Row } from "./jsonl.ts";

/** Rows that are sampled where a job names no prompts. */
const wantedRows = 3;
/** Most tokens of a sampled answer. */
export const longestAnswer = 64;
/** Characters of a prompt or an expected answer that are kept to be looked at. */
const shownCharacters = 2_000;

/** What the model is asked again and again while it is trained. */
export interface SamplePrompt {
  /** As a person reads it. */
  prompt: string;
  /** The row's own answer; null for a prompt that the job names. */
  expected: string | null;
  tokens: number[];
  expectedTokens: number[];
}

/**
 * The prompts that a job is sampled with: its own, else those of three rows spread over the
 * validation split, which nothing is learned from; none where there is neither.
 *
 * @param heldRows rows of the validation split
 * Errors: as those of reading the rows.
 */
export async function samplePrompts(
  { parameters, dataset }: TrainingSpecification,
  encoding: Encoding,
  heldRows: number,
  signal: AbortSignal,
): Promise<SamplePrompt[]> {
  if (parameters.sample_steps === 0) return [];
  if (parameters.sample_prompts !== undefined) {
    const room = Math.min(longestAnswer, Math.floor(encoding.sequenceLength / 2));
    return parameters.sample_prompts.map((prompt) => ({
      prompt,
      expected: null,
      tokens: encodeQuestion(prompt, dataset.format, encoding).slice(room - encoding.sequenceLength),
      expectedTokens: [],
    }));
  }
  const prompts: SamplePrompt[] = [];
  if (dataset.validation === null) return prompts;
  let index = -1;
  for await (const row of readRows(dataset.validation, signal)) {
    index++;
    if (index < Math.floor((prompts.length * heldRows) / wantedRows)) continue;
    const prompt = promptOfRow(row, encoding);
    if (prompt === null || prompts.some((other) => other.tokens.join() === prompt.tokens.join())) continue;
    prompts.push(prompt);
    if (prompts.length === wantedRows) break;
  }
  return prompts;
}

/** Null for a row without a beginning that an answer could follow. */
function promptOfRow(row: Row, encoding: Encoding): SamplePrompt | null {
  // A corpus for a new model may hold conversations without an answer.
  if (row.kind === "chat" && !row.messages.some(({ role }) => role === "assistant")) return null;
  const { tokens, learned } = encodeRow(row, encoding);
  const start = row.kind === "text" ? Math.min(textPrompt, tokens.length - 1) : lastAnswer(learned);
  if (start < 1) return null;
  const [asked, answer] = [tokens.slice(0, start), tokens.slice(start, start + longestAnswer)];
  const shown = (text: string): string => text.slice(0, shownCharacters);
  const texts = textsOf(row) ?? {
    prompt: encoding.tokenizer.decode(asked),
    expected: encoding.tokenizer.decode(answer, { continues: true }),
  };
  return {
    prompt: shown(texts.prompt),
    expected: shown(texts.expected),
    tokens: asked,
    expectedTokens: answer,
  };
}

/** Question and answer of a row as they were written; null for running text, which has neither. */
function textsOf(row: Row): { prompt: string; expected: string } | null {
  switch (row.kind) {
    case "text":
      return null;
    case "prompt":
      return { prompt: row.prompt, expected: row.completion };
    case "chat": {
      const last = row.messages.findLastIndex(({ role }) => role === "assistant");
      const before = row.messages.slice(0, last);
      const [only] = before;
      return {
        prompt:
          before.length === 1 && only !== undefined
            ? only.content
            : before.map(({ role, content }) => `${role}: ${content}`).join("\n"),
        expected: row.messages[last]?.content ?? "",
      };
    }
  }
}
