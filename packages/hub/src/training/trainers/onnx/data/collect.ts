import { HearthError } from "../../../../errors.ts";
import { encodeRow } from "./encode.ts";
import type { Encoding } from "./encode.ts";
import { readRows } from "./jsonl.ts";
import type { Bins } from "./bins.ts";
import { severalRowsSource } from "./several-rows.ts";
import { packedSource, rowSource } from "./sources.ts";
import type { RowOrder, SequenceSource } from "./sources.ts";
import { TokenStore } from "./token-store.ts";

/** The rows of one file, tokenised. */
export interface Collected {
  store: TokenStore;
  /** Rows that were longer than the sequence length and lost their beginning. */
  shortened: number;
  /** Rows without a token to learn. */
  skipped: number;
  /** Plain text is packed into full sequences; other rows are one sequence each. */
  packed: boolean;
}

/**
 * Tokenises the rows of a file one by one.
 *
 * Errors: `dataset_invalid` for a line that is no row, for text mixed with other rows, and when no
 * row has anything to learn; the signal's reason.
 */
export async function collectRows(path: string, encoding: Encoding, signal: AbortSignal): Promise<Collected> {
  const store = new TokenStore();
  let shortened = 0;
  let skipped = 0;
  let packed: boolean | undefined;
  for await (const row of readRows(path, signal)) {
    packed ??= row.kind === "text";
    if (packed !== (row.kind === "text")) {
      throw new HearthError(
        "dataset_invalid",
        `Line ${row.line} of ${path} is a ${row.kind} row among others; expected either only {"text"} rows or none.`,
        { details: { line: row.line, path } },
      );
    }
    const encoded = encodeRow(row, encoding);
    if (encoded.tokens.length < 2 || !encoded.learned.includes(1, 1)) {
      skipped++;
      continue;
    }
    if (encoded.shortened) shortened++;
    store.append(encoded.tokens, encoded.learned);
  }
  if (store.rows === 0) {
    throw new HearthError("dataset_invalid", `${path} has no row that a model could learn from.`, {
      details: { path, skipped },
    });
  }
  return { store, shortened, skipped, packed: packed === true };
}

/** The sequences of collected rows, several in one where `bins` says so; `order` null keeps that of the file. */
export function sourceOf(
  collected: Collected,
  sequenceLength: number,
  order: RowOrder | null,
  bins?: Bins,
): SequenceSource {
  if (bins !== undefined) return severalRowsSource(collected.store, bins, order);
  return collected.packed
    ? packedSource(
        collected.store,
        Math.min(sequenceLength, collected.store.totalTokens - 1),
        order?.seed ?? null,
      )
    : rowSource(collected.store, order);
}

/** Most prompts that are tried for probes. */
const candidates = 32;
/** Tokens of a text that a probe starts with. */
export const textPrompt = 24;

/**
 * Beginnings for probes, spread evenly over the rows: a conversation or prompt up to its last answer,
 * the first tokens of a text. All different.
 */
export function probePrompts(collected: Collected, separator: number): number[][] {
  const { store } = collected;
  const prompts = new Map<string, number[]>();
  const count = Math.min(candidates, store.rows);
  for (let index = 0; index < count; index++) {
    const row = store.row(Math.floor((index * store.rows) / count));
    const prompt = collected.packed
      ? [...row.tokens.subarray(0, Math.min(textPrompt, row.tokens.length - 1))]
      : [...row.tokens.subarray(0, lastAnswer(row.learned))];
    if (prompt.length > 0 && !(collected.packed && prompt.includes(separator)))
      prompts.set(prompt.join(), prompt);
  }
  return [...prompts.values()];
}

/** Where the last run of learned tokens begins. */
export function lastAnswer(learned: ArrayLike<number>): number {
  return Array.from(learned).findLastIndex((flag, index) => flag === 1 && learned[index - 1] !== 1);
}
