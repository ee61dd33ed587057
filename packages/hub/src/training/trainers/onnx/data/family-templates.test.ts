import { beforeAll, describe, expect, test } from "vitest";
import { readGgufHeader } from "../../../../model-files/gguf/read.ts";
import { temporaryFolder } from "../../../../model-files/testing/temporary-folder.ts";
import {
  piecesOf,
  sentencePieceBeginning,
  types,
  writeVocabulary,
} from "../../../../model-files/testing/vocabulary-file.ts";
import { tokenizerFromFile, tokenizerFromGguf } from "../../../../model-files/tokenizer/tokenizer.ts";
import type { Tokenizer } from "../../../../model-files/tokenizer/tokenizer.ts";
import { trainTokenizer } from "../../../../model-files/tokenizer/train.ts";
import { encodeQuestion, encodeRow } from "./encode.ts";
import type { EncodedRow, Encoding } from "./encode.ts";
import type { Row } from "./jsonl.ts";

/** Templates of our own in the shape of each family's: what they mark, what they trim, what they refuse. */
const templates = {
  gemma: `{{- bos_token }}{%- for message in messages %}
{%- if message.role == 'system' %}{{- raise_exception('System role not supported') }}{% endif %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{- raise_exception('roles must alternate user and assistant') }}{% endif %}
{{- '<start_of_turn>' + ('model' if message.role == 'assistant' else message.role) + '\\n' + (message.content | trim) + '<end_of_turn>\\n' }}
{%- endfor %}{% if add_generation_prompt %}{{- '<start_of_turn>model\\n' }}{% endif %}`,

  mistral: `{%- if messages[0].role == 'system' %}{% set system = messages[0].content %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}
{{- bos_token }}{%- for message in rest %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{- raise_exception('roles must alternate user and assistant') }}{% endif %}
{%- if message.role == 'user' %}{{- '[INST] ' + (system + '\\n\\n' if loop.first and system is defined else '') + message.content + ' [/INST]' }}
{%- else %}{{- ' ' + message.content + eos_token }}{% endif %}
{%- endfor %}`,

  llama3: `{%- for message in messages %}
{{- (bos_token if loop.first else '') + '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + (message.content | trim) + '<|eot_id|>' }}
{%- endfor %}{% if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`,

  /** Thoughts of the answer to the last question are shown, those before it are not. */
  qwen3: `{%- set ns = namespace(last=0) %}
{%- for message in messages %}{% if message.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}
{%- for message in messages %}
{%- if message.role != 'assistant' %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- else %}
{%- set parts = message.content.split('</think>') %}{% set said = parts[-1].lstrip('\\n') %}
{%- if loop.index0 > ns.last %}{{- '<|im_start|>assistant\\n<think>\\n' + (parts[0].split('<think>')[-1].strip('\\n') if parts | length > 1 else '') + '\\n</think>\\n\\n' + said + '<|im_end|>\\n' }}
{%- else %}{{- '<|im_start|>assistant\\n' + said + '<|im_end|>\\n' }}{% endif %}
{%- endif %}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}`,

  /** Says what the model is where the conversation does not. */
  smollm: `{%- for message in messages %}
{%- if loop.first and message.role != 'system' %}{{- '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' }}{% endif %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}{% if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}`,
};
type Family = keyof typeof templates;

const texts = [
  "Where is it? Be brief. the barn, the house [INST] user model assistant system [/INST] And now?",
  "\n",
];
const tokenizers = new Map<Family, Tokenizer>();

beforeAll(async () => {
  await using folder = await temporaryFolder();
  const sentencePieces = async (name: string, control: string[], addsSpace: boolean): Promise<Tokenizer> => {
    const tokens = [
      ...sentencePieceBeginning(),
      ...control.map((text) => ({ text, type: types.control })),
      ...piecesOf(texts, 5, 600),
    ];
    await writeVocabulary(folder.file(name), "llama", tokens, [
      ["tokenizer.ggml.add_space_prefix", "bool", addsSpace],
    ]);
    return tokenizerFromGguf(await readGgufHeader(folder.file(name)));
  };
  const bytePairs = (special: string[]): Tokenizer => {
    const [bos = ""] = special;
    const eos = special.at(-1) ?? "";
    return tokenizerFromFile(
      trainTokenizer(texts, { vocabularySize: 320, specialTokens: special, eos, bos }),
    );
  };
  tokenizers.set("gemma", await sentencePieces("gemma", ["<start_of_turn>", "<end_of_turn>"], false));
  tokenizers.set("mistral", await sentencePieces("mistral", [], true));
  const headers = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"];
  tokenizers.set("llama3", bytePairs(headers));
  const chatml = bytePairs(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]);
  tokenizers.set("qwen3", chatml);
  tokenizers.set("smollm", chatml);
});

function encodingOf(family: Family): Encoding & { tokenizer: Tokenizer } {
  const tokenizer = tokenizers.get(family);
  if (tokenizer === undefined) throw new Error(`no tokenizer for ${family}`);
  return { tokenizer, chatTemplate: templates[family], sequenceLength: 500 };
}

function chat(...messages: [role: string, content: string][]): Row {
  return { kind: "chat", line: 3, messages: messages.map(([role, content]) => ({ role, content })) };
}

const question: [string, string] = ["user", "Where is it?"];
const conversation = chat(
  question,
  ["assistant", "the barn"],
  ["user", "And now?"],
  ["assistant", "the house"],
);

function learned(family: Family, { tokens, learned: flags }: EncodedRow): string {
  return encodingOf(family).tokenizer.decode(
    tokens.filter((_, index) => flags[index] === 1),
    { special: true, continues: true },
  );
}

describe("only answers are learned, in the shape of", () => {
  test.each<[Family, whole: string, answers: string]>([
    [
      "gemma",
      "<s><start_of_turn>user\nWhere is it?<end_of_turn>\n<start_of_turn>model\nthe barn<end_of_turn>\n<start_of_turn>user\nAnd now?<end_of_turn>\n<start_of_turn>model\nthe house<end_of_turn>",
      "the barn<end_of_turn>the house<end_of_turn>",
    ],
    [
      "mistral",
      "<s>[INST] Where is it? [/INST] the barn</s>[INST] And now? [/INST] the house</s>",
      " the barn</s> the house</s>",
    ],
    [
      "llama3",
      "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhere is it?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nthe barn<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd now?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nthe house<|eot_id|>",
      "the barn<|eot_id|>the house<|eot_id|>",
    ],
    [
      "qwen3",
      "<|im_start|>user\nWhere is it?<|im_end|>\n<|im_start|>assistant\nthe barn<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nthe house<|im_end|>",
      // The first answer is shown otherwise than it was given: it is history, not an example.
      "<think>\n\n</think>\n\nthe house<|im_end|>",
    ],
    [
      "smollm",
      "<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\nWhere is it?<|im_end|>\n<|im_start|>assistant\nthe barn<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n<|im_start|>assistant\nthe house<|im_end|>",
      "the barn<|im_end|>the house<|im_end|>",
    ],
  ])("%s", (family, whole, answers) => {
    const row = encodeRow(conversation, encodingOf(family));
    const { tokenizer } = encodingOf(family);
    expect(tokenizer.decode(row.tokens, { special: true, continues: true })).toBe(whole);
    expect(learned(family, row)).toBe(answers);
  });

  test("qwen3 with its thoughts", () => {
    const row = encodeRow(
      chat(question, ["assistant", "<think>\nbarn?\n</think>\n\nthe barn"]),
      encodingOf("qwen3"),
    );
    expect(learned("qwen3", row)).toBe("<think>\nbarn?\n</think>\n\nthe barn<|im_end|>");
  });
});

describe("what comes before the answer is what serving would ask, in the shape of", () => {
  test.each(Object.keys(templates) as Family[])("%s", (family) => {
    const encoding = encodingOf(family);
    const row = encodeRow(chat(question, ["assistant", "the barn"]), encoding);
    expect(row.tokens.slice(0, row.learned.indexOf(1))).toEqual(
      encodeQuestion(question[1], "chat", encoding),
    );
  });
});

describe("a system message", () => {
  test("begins the first question where the template knows none", () => {
    const row = encodeRow(
      chat(["system", "Be brief."], question, ["assistant", "the barn"]),
      encodingOf("gemma"),
    );
    const { tokenizer } = encodingOf("gemma");
    expect(tokenizer.decode(row.tokens)).toContain("user\nBe brief.\n\nWhere is it?");
    expect(learned("gemma", row)).toBe("the barn<end_of_turn>");
  });

  test("is the template's own matter where it knows one", () => {
    const row = encodeRow(
      chat(["system", "Be brief."], question, ["assistant", "the barn"]),
      encodingOf("mistral"),
    );
    const { tokenizer } = encodingOf("mistral");
    expect(tokenizer.decode(row.tokens)).toContain("[INST] Be brief.\n\nWhere is it? [/INST] the barn");
  });
});

test.each<Family>(["gemma", "mistral"])("the refusal of %s names the line", (family) => {
  expect(() =>
    encodeRow(chat(question, ["user", "Hello?"], ["assistant", "yes"]), encodingOf(family)),
  ).toThrow(/line 3: The model's chat template refused the conversation: .*roles must alternate/);
});
