import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { GgufMetadata } from "./metadata.ts";

/** Kinds that the engine loads and that cannot end its process on unknown text (as `rwkv` and `no_vocab` do). */
const kinds: ReadonlySet<string> = new Set(["gpt2", "llama", "bert", "t5", "plamo2"]);

/**
 * Checks that the tokenizer's lists belong together and to the embedding's `rows`.
 * Errors: {@link ModelFileInvalid}.
 */
export function checkTokenizer(metadata: GgufMetadata, rows: number): void {
  const model = metadata.string("tokenizer.ggml.model");
  if (!kinds.has(model)) {
    throw new ModelFileInvalid(
      `The tokenizer is of the kind ${quoted(model)}; supported are ${[...kinds].join(", ")}.`,
      { details: { model } },
    );
  }
  const tokens = metadata.strings("tokenizer.ggml.tokens");
  if (tokens.length !== rows) {
    throw new ModelFileInvalid(
      `tokenizer.ggml.tokens lists ${tokens.length} tokens, but token_embd.weight has ${rows} rows.`,
    );
  }
  sameLength("tokenizer.ggml.scores", metadata.optionalNumbers("tokenizer.ggml.scores"), tokens);
  sameLength("tokenizer.ggml.token_type", metadata.optionalNumbers("tokenizer.ggml.token_type"), tokens);
  refuseRepeats(tokens);
  if (model === "llama") requireBytes(tokens);
  const merges = metadata.optionalStrings("tokenizer.ggml.merges");
  if (model === "gpt2" && merges === undefined) {
    throw new ModelFileInvalid("The tokenizer is of the kind gpt2 but tokenizer.ggml.merges is missing.");
  }
  checkSpecialIds(metadata, rows);
}

function sameLength(key: string, list: readonly number[] | undefined, tokens: readonly string[]): void {
  if (list !== undefined && list.length !== tokens.length) {
    throw new ModelFileInvalid(`${key} has ${list.length} entries for ${tokens.length} tokens.`);
  }
}

/** Two equal tokens end the native engine's process. It gives empty ones a name by their number. */
function refuseRepeats(tokens: readonly string[]): void {
  const seen = new Set<string>();
  for (const [id, stored] of tokens.entries()) {
    const token = stored === "" ? `[EMPTY_${id}]` : stored;
    if (seen.has(token)) {
      throw new ModelFileInvalid(`The token ${quoted(token)} occurs twice in tokenizer.ggml.tokens.`);
    }
    seen.add(token);
  }
}

/** A SentencePiece vocabulary spells unknown characters in bytes; one that lacks a byte ends the engine's process. */
function requireBytes(tokens: readonly string[]): void {
  const known = new Set(tokens);
  for (let byte = 0; byte < 256; byte++) {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    if (!known.has(token)) {
      throw new ModelFileInvalid(`The tokenizer's vocabulary lacks the byte token ${token}.`);
    }
  }
}

function checkSpecialIds(metadata: GgufMetadata, rows: number): void {
  for (const name of ["bos", "eos", "eot", "eom"]) {
    const key = `tokenizer.ggml.${name}_token_id`;
    const id = metadata.optionalNumber(key);
    if (id !== undefined && (!Number.isInteger(id) || id < 0 || id >= rows)) {
      throw new ModelFileInvalid(`${key} must name one of the ${rows} tokens; found ${id}.`);
    }
  }
}
