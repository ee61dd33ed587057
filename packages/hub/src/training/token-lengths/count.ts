import { HearthError } from "../../errors.ts";
import { readGgufHeader } from "../../model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../model-files/tokenizer/tokenizer.ts";
import { encodeRow, type Encoding } from "../trainers/onnx/data/encode.ts";
import { readRows } from "../trainers/onnx/data/jsonl.ts";
import type { CountedTokens, TokensCommand } from "./messages.ts";

/**
 * Encodes every row as the trainer does and keeps how long each is.
 *
 * Errors: `model_file_invalid`, `dataset_invalid` for a line that is no row.
 */
export async function countTokens({ model, files }: TokensCommand): Promise<CountedTokens> {
  const header = await readGgufHeader(model);
  const encoding: Encoding = {
    tokenizer: tokenizerFromGguf(header),
    chatTemplate: header.metadata.optionalString("tokenizer.chat_template"),
    // Nothing is cut: what would be follows from the lengths.
    sequenceLength: Number.MAX_SAFE_INTEGER - 1,
  };
  const splits: CountedTokens["splits"] = [];
  let problem: string | null = null;
  for (const { split, path } of files) {
    const lengths = new Map<number, number>();
    let learned = 0;
    let unlearnable = 0;
    for await (const row of readRows(path)) {
      try {
        const encoded = encodeRow(row, encoding);
        const scored = encoded.learned.reduce((sum, flag, index) => sum + (index === 0 ? 0 : flag), 0);
        if (encoded.tokens.length < 2 || scored === 0) unlearnable += 1;
        learned += scored;
        lengths.set(encoded.tokens.length, (lengths.get(encoded.tokens.length) ?? 0) + 1);
      } catch (error) {
        if (!(error instanceof HearthError)) throw error;
        unlearnable += 1;
        problem ??= `${split}, line ${row.line}: ${error.message}`;
      }
    }
    const sorted = [...lengths].toSorted(([one], [other]) => one - other);
    splits.push({ split, lengths: sorted, learned, unlearnable });
  }
  return { splits, problem };
}
