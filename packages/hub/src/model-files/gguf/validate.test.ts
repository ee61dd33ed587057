import { describe, expect, test } from "vitest";
import { ModelFileInvalid } from "../invalid.ts";
import { alterModel } from "../testing/altered-model.ts";
import type { Alteration } from "../testing/altered-model.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { tinyTokenizer, writeTinyModel } from "../testing/tiny-model.ts";
import { readGgufHeader } from "./read.ts";
import { validateModel } from "./validate.ts";
import type { ModelSummary } from "./validate.ts";

const { tokens } = tinyTokenizer();
const heads = "llama.attention.head_count";

async function validateAltered(change: Alteration): Promise<ModelSummary> {
  await using folder = await temporaryFolder();
  await writeTinyModel(folder.file("m"));
  await alterModel(folder.file("m"), folder.file("x"), change);
  return validateModel(await readGgufHeader(folder.file("x")));
}

const vector = (name: string, type: "F16" | "Q8_0"): Alteration => ({
  tensors: [{ name, shape: [64], type, data: new Float32Array(64) }],
});

/** Each of these ends the process of llama.cpp when it is loaded or first used (measured), but for those marked. */
const deadly: [string, Alteration, RegExp][] = [
  ["no heads", { metadata: { [heads]: ["u32", 0] } }, /head_count must be a whole number from 1.*found 0/],
  ["no heads, layer by layer", { metadata: { [heads]: ["u32[]", [0, 0]] } }, /found 0/],
  [
    "no key/value heads",
    { metadata: { [`${heads}_kv`]: ["u32", 0] } },
    /head_count_kv must be a whole number from 1/,
  ],
  ["no key/value heads in one layer", { metadata: { [`${heads}_kv`]: ["u32[]", [2, 0]] } }, /found 0/],
  ["no layers", { metadata: { "llama.block_count": ["u32", 0] } }, /block_count must be/],
  ["999 layers", { metadata: { "llama.block_count": ["u32", 999] } }, /from 1 to 512; found 999/],
  ["10^9 layers", { metadata: { "llama.block_count": ["u32", 1_000_000_000] } }, /found 1000000000/],
  ["no width", { metadata: { "llama.embedding_length": ["u32", 0] } }, /embedding_length must be/],
  [
    "no feed-forward width",
    { metadata: { "llama.feed_forward_length": ["u32", 0] } },
    /feed_forward_length must be/,
  ],
  [
    "a missing feed-forward width",
    { metadata: { "llama.feed_forward_length": null } },
    /lacks the metadata key llama\.feed_forward_length/,
  ],
  [
    "a negative epsilon",
    { metadata: { "llama.attention.layer_norm_rms_epsilon": ["f32", -1] } },
    /epsilon must be above 0/,
  ],
  [
    "an epsilon of NaN",
    { metadata: { "llama.attention.layer_norm_rms_epsilon": ["f32", Number.NaN] } },
    /found NaN/,
  ],
  ["an odd rotary size", { metadata: { "llama.rope.dimension_count": ["u32", 7] } }, /must be even.*found 7/],
  [
    "an unknown scaling of positions",
    { metadata: { "llama.rope.scaling.type": ["string", "bogus"] } },
    /found "bogus"/,
  ],
  [
    "experts that are never used",
    { metadata: { "llama.expert_count": ["u32", 8] } },
    /lacks llama\.expert_used_count/,
  ],
  [
    "9,999 experts",
    { metadata: { "llama.expert_count": ["u32", 9999], "llama.expert_used_count": ["u32", 2] } },
    /from 0 to 512; found 9999/,
  ],
  [
    "more experts in use than there are",
    { metadata: { "llama.expert_used_count": ["u32", 9] } },
    /expert_used_count must be/,
  ],
  [
    "more predicted layers than there are",
    { metadata: { "llama.nextn_predict_layers": ["u32", 99] } },
    /nextn_predict_layers/,
  ],
  [
    "a token twice",
    { metadata: { "tokenizer.ggml.tokens": ["string[]", tokens.with(300, tokens[301] ?? "")] } },
    /occurs twice/,
  ],
  [
    "no tokens",
    { metadata: { "tokenizer.ggml.tokens": ["string[]", []] } },
    /lists 0 tokens, but token_embd\.weight has/,
  ],
  [
    "no tokenizer",
    { metadata: { "tokenizer.ggml.model": ["string", "no_vocab"] } },
    /of the kind "no_vocab"/,
  ],
  [
    "bytes missing in SentencePiece",
    { metadata: { "tokenizer.ggml.model": ["string", "llama"] } },
    /lacks the byte token <0x00>/,
  ],
  ["a norm in F16", vector("blk.0.attn_norm.weight", "F16"), /stored as F16; vectors must be F32/],
  ["a bias in Q8_0", vector("blk.0.attn_q.bias", "Q8_0"), /stored as Q8_0; vectors must be F32/],
];

const useless: [string, Alteration, RegExp][] = [
  [
    "a layer too few",
    { metadata: { "llama.block_count": ["u32", 1] } },
    /states 1 layers but has tensors of 2/,
  ],
  ["a layer too many", { metadata: { "llama.block_count": ["u32", 3] } }, /no tensor of layer 2/],
  ["another width", { metadata: { "llama.embedding_length": ["u32", 32] } }, /rows of 32 numbers/],
  [
    "heads of another type",
    { metadata: { [heads]: ["string", "4"] } },
    /head_count must be a number.*found string/,
  ],
  [
    "heads for another number of layers",
    { metadata: { [heads]: ["u32[]", [4]] } },
    /lists 1 values for 2 layers/,
  ],
  [
    "key/value heads that do not divide",
    { metadata: { [`${heads}_kv`]: ["u32", 3] } },
    /3 does not divide 4 in layer 0/,
  ],
  ["no embedding", { without: ["token_embd.weight"] }, /lacks the tensor token_embd/],
  [
    "no architecture",
    { metadata: { "general.architecture": null } },
    /lacks the metadata key general\.architecture/,
  ],
  [
    "an architecture that is no name",
    { metadata: { "general.architecture": ["string", "../x"] } },
    /not a name: "\.\.\/x"/,
  ],
  ["an adapter", { metadata: { "general.type": ["string", "adapter"] } }, /holds an adapter, not a model/],
  ["one part of several", { metadata: { "split.count": ["u16", 3] } }, /one of 3 parts/],
  [
    "an infinite rotary base",
    { metadata: { "llama.rope.freq_base": ["f32", Infinity] } },
    /freq_base must be/,
  ],
  [
    "an infinite scale",
    { metadata: { "llama.attention.scale": ["f32", Infinity] } },
    /finite number; found Infinity/,
  ],
  [
    "token types for other tokens",
    { metadata: { "tokenizer.ggml.token_type": ["i32[]", [1]] } },
    /has 1 entries for 400 tokens/,
  ],
  [
    "scores for other tokens",
    { metadata: { "tokenizer.ggml.scores": ["f32[]", [1]] } },
    /has 1 entries for 400 tokens/,
  ],
  ["no merges", { metadata: { "tokenizer.ggml.merges": null } }, /merges is missing/],
  [
    "an end token past the vocabulary",
    { metadata: { "tokenizer.ggml.eos_token_id": ["u32", 400] } },
    /eos_token_id must name one of the 400/,
  ],
  [
    "an empty token's stand-in",
    { metadata: { "tokenizer.ggml.tokens": ["string[]", tokens.with(300, "").with(301, "[EMPTY_300]")] } },
    /"\[EMPTY_300\]" occurs twice/,
  ],
];

describe("validateModel refuses", () => {
  test.each([...deadly, ...useless])("%s", async (_, change, message) => {
    const validating = validateAltered(change);
    await expect(validating).rejects.toThrow(ModelFileInvalid);
    await expect(validating).rejects.toThrow(message);
  });
});

describe("validateModel takes", () => {
  test("sizes stated layer by layer", async () => {
    const summary = await validateAltered({
      metadata: { [heads]: ["u32[]", [4, 4]], "llama.feed_forward_length": ["u32[]", [96, 96]] },
    });
    expect(summary.cacheElementsPerToken).toBe(128);
  });

  test("a model without name, template or file type", async () => {
    const summary = await validateAltered({
      metadata: { "general.name": null, "tokenizer.chat_template": null, "general.file_type": null },
    });
    expect(summary).toMatchObject({ name: "llama", quantisation: "F32" });
    expect(summary).not.toHaveProperty("chatTemplate");
  });

  test("a state-space model, which has no heads", async () => {
    const summary = await validateAltered({
      metadata: {
        "general.architecture": ["string", "mamba"],
        "mamba.block_count": ["u32", 2],
        "mamba.embedding_length": ["u32", 64],
        "mamba.context_length": ["u32", 1024],
        "mamba.feed_forward_length": ["u32", 0],
        "mamba.attention.head_count": ["u32", 0],
      },
      without: [0, 1].flatMap((layer) => ["q", "k", "v"].map((part) => `blk.${layer}.attn_${part}.weight`)),
    });
    expect(summary).toMatchObject({ architecture: "mamba", cacheElementsPerToken: 0 });
  });
});
