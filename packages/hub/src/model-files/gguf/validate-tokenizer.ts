import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { GgufMetadata } from "./metadata.ts";

/**
 * Checks that the tokenizer's lists belong together and to the embedding's `rows`.
 * Errors: {@link ModelFileInvalid}.
 */
export function checkTokenizer(metadata: GgufMetadata, rows: number): void {
  const model = metadata.string("tokenizer.ggml.model");
  if (model === "none" || model === "no_vocab") {
    throw new ModelFileInvalid("The model file has no tokenizer, so it cannot be asked anything.");
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

/** Two equal tokens end the native engine's process. Unreadable bytes look equal here without being so. */
function refuseRepeats(tokens: readonly string[]): void {
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.includes("\u{fffd}") || token === "") continue;
    if (seen.has(token))
      throw new ModelFileInvalid(`The token ${quoted(token)} occurs twice in tokenizer.ggml.tokens.`);
    seen.add(token);
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
