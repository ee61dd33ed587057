import { chatmlTemplate, renderChat } from "../../../../model-files/chat-template.ts";
import type { Tokenizer } from "../../../../model-files/tokenizer/tokenizer.ts";
import { trainTokenizer } from "../../../../model-files/tokenizer/train.ts";
import type { TokenizerFile } from "../../../../model-files/tokenizer/train.ts";
import type { Collected } from "./collect.ts";
import { documentEnd } from "./encode.ts";
import { readRows } from "./jsonl.ts";
import type { Row } from "./jsonl.ts";
import { TokenStore } from "./token-store.ts";

/** Control tokens of a new model: ends a document, begins and ends a ChatML message. */
export const controlTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] as const;

/** Characters of a corpus that the tokenizer is learnt from; more would hardly change it. */
const tokenizerCharacters = 32 * 2 ** 20;

/**
 * Learns a tokenizer from the beginning of a corpus of mixed rows.
 * Errors: `dataset_invalid`, `model_file_invalid` for an impossible vocabulary size.
 */
export async function learnTokenizer(
  path: string,
  vocabularySize: number,
  signal: AbortSignal,
): Promise<TokenizerFile> {
  const texts: string[] = [];
  let characters = 0;
  for await (const row of readRows(path, signal)) {
    for (const text of textsOf(row)) {
      texts.push(text);
      characters += text.length;
    }
    if (characters > tokenizerCharacters) break;
  }
  return trainTokenizer(texts, {
    vocabularySize,
    specialTokens: controlTokens,
    // A conversation's turn is what generation has to end at; documents have their own end.
    eos: "<|im_end|>",
    bos: "<|endoftext|>",
  });
}

/** As the template writes them: a role and its line break belong to the text around a message. */
function textsOf(row: Row): string[] {
  switch (row.kind) {
    case "chat":
      return row.messages.map(({ role, content }) => `${role}\n${content}`);
    case "prompt":
      return [row.prompt + row.completion];
    case "text":
      return [row.text];
  }
}

/**
 * Tokenises a corpus in which plain texts, prompts and conversations may be mixed; every token is
 * learned, and every document ends with the document's end token.
 */
export async function collectCorpus(
  path: string,
  tokenizer: Tokenizer,
  signal: AbortSignal,
): Promise<Collected> {
  const store = new TokenStore();
  const end = documentEnd(tokenizer);
  for await (const row of readRows(path, signal))
    store.append([...encodeDocument(row, tokenizer), end], "all");
  return { store, shortened: 0, skipped: 0, packed: true };
}

function encodeDocument(row: Row, tokenizer: Tokenizer): number[] {
  if (row.kind !== "chat") return textsOf(row).flatMap((text) => tokenizer.encode(text));
  return tokenizer.encodeSegments(
    renderChat(chatmlTemplate, {
      messages: row.messages,
      specialTokens: controlTokens,
      addGenerationPrompt: false,
    }),
  );
}
