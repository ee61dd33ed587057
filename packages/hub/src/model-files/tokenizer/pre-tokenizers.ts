import { ModelFileInvalid, quoted } from "../invalid.ts";
import { asUnicode15 } from "./newer-characters.ts";

// White_Space in place of \s: JavaScript's \s lacks U+0085 and has U+FEFF, unlike llama.cpp's.
const space = String.raw`\p{White_Space}`;

const contraction = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
const otherCharacters = String.raw` ?[^${space}\p{L}\p{N}]+`;
const spaces = String.raw`${space}*[\r\n]+|${space}+(?!\P{White_Space})|${space}+`;
const words = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const gpt2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|${otherCharacters}|${space}+(?!\P{White_Space})|${space}+`;

// Only ASCII letters have a case here: so the engine cuts, which knows no other letters' case.
const notLower = String.raw`(?:(?![a-z])\p{L})`;
const notUpper = String.raw`(?:(?![A-Z])\p{L})`;

interface Cut {
  /** Each is applied inside the pieces of the one before; what it does not match stays a piece. */
  readonly stages: readonly string[];
  /** A piece that is a token as a whole is not merged from its bytes. */
  readonly wholePieces?: true;
  /** The beginning-of-text token is wanted where the file does not say. */
  readonly addBos?: true;
}

/** How text is cut into pieces before merging (source: the tokenizers of the models that are named). */
const cuts = {
  gpt2: { stages: [gpt2] },
  llama3: {
    stages: [String.raw`${contraction}|${words}|\p{N}{1,3}|${otherCharacters}[\r\n]*|${spaces}`],
    wholePieces: true,
    addBos: true,
  },
  /** As Llama 3, but merges decide: SmolLM 3. */
  smaug: { stages: [String.raw`${contraction}|${words}|\p{N}{1,3}|${otherCharacters}[\r\n]*|${spaces}`] },
  qwen2: { stages: [String.raw`${contraction}|${words}|\p{N}|${otherCharacters}[\r\n]*|${spaces}`] },
  /** As Qwen 2, but marks stay with the letters that they belong to. */
  qwen35: {
    stages: [
      String.raw`${contraction}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^${space}\p{L}\p{M}\p{N}]+[\r\n]*|${spaces}`,
    ],
  },
  smollm: { stages: [String.raw`\p{N}`, gpt2] },
  /** Mistral Nemo and later. */
  tekken: {
    stages: [
      String.raw`[^\r\n\p{L}\p{N}]?${notLower}*${notUpper}+|[^\r\n\p{L}\p{N}]?${notLower}+${notUpper}*|\p{N}|${otherCharacters}[\r\n/]*|${spaces}`,
    ],
    wholePieces: true,
    addBos: true,
  },
  /** Of files that name none. */
  default: { stages: [String.raw`[\p{P}$+<=>^~|]+`, gpt2, String.raw`\p{N}+`, "[0-9]{3}"] },
} as const satisfies Record<string, Cut>;

export type PreTokenizer = keyof typeof cuts;

/**
 * The cut of the tokenizers that are trained here, by its name in model files. Of those that every
 * llama.cpp knows it is one under which decoding gives the text back as it was: under `gpt-2` the
 * engine drops spaces before punctuation when it decodes several tokens at once.
 */
export const trainedPreTokenizer = "qwen2" satisfies PreTokenizer;

const byName: ReadonlyMap<string, PreTokenizer> = new Map<string, PreTokenizer>([
  ["default", "default"],
  ["gpt-2", "gpt2"],
  ["llama-bpe", "llama3"],
  ["llama3", "llama3"],
  ["llama-v3", "llama3"],
  ["smaug-bpe", "smaug"],
  ["qwen2", "qwen2"],
  ["deepseek-r1-qwen", "qwen2"],
  ["qwen35", "qwen35"],
  ["smollm", "smollm"],
  ["tekken", "tekken"],
]);

/** Names of `tokenizer.ggml.pre` whose cut is known here. */
export const preTokenizerNames: readonly string[] = [...byName.keys()];

/** The cut that `tokenizer.ggml.pre` names. Errors: {@link ModelFileInvalid} for one that is not supported. */
export function preTokenizerByName(name: string): PreTokenizer {
  const found = byName.get(name);
  if (found === undefined) {
    throw new ModelFileInvalid(
      `The tokenizer cuts text in the way ${quoted(name)}; supported in training are ${preTokenizerNames.join(", ")}.`,
      { details: { pre: name } },
    );
  }
  return found;
}

/** What else a cut decides, as the engine does it. */
export function preTokenizerTraits(kind: PreTokenizer): { wholePieces: boolean; addBos: boolean } {
  const { wholePieces, addBos }: Cut = cuts[kind];
  return { wholePieces: wholePieces === true, addBos: addBos === true };
}

const compiled = new Map<PreTokenizer, readonly RegExp[]>();

/** Cuts text into the pieces inside which tokens are merged; joined they are the text again. */
export function preTokenize(text: string, kind: PreTokenizer): Iterable<string> {
  const stages = compiled.get(kind) ?? cuts[kind].stages.map((stage) => new RegExp(stage, "gu"));
  compiled.set(kind, stages);
  return stages.reduce<Iterable<string>>((pieces, stage) => cut(pieces, stage), [text]);
}

function* cut(pieces: Iterable<string>, pattern: RegExp): Generator<string> {
  for (const piece of pieces) {
    let end = 0;
    for (const match of asUnicode15(piece).matchAll(pattern)) {
      if (match.index > end) yield piece.slice(end, match.index);
      const start = match.index;
      end = start + match[0].length;
      yield piece.slice(start, end);
    }
    if (end < piece.length) yield piece.slice(end);
  }
}
