import { chatmlTemplate } from "../../model-files/chat-template.ts";
import { elementCount } from "../../model-files/gguf/format.ts";
import { writeGguf } from "../../model-files/gguf/write.ts";
import type { GgufEntry, GgufWriteType } from "../../model-files/gguf/write.ts";
import { tinyTokenizer } from "../../model-files/testing/tiny-model.ts";
import type { ModelFiles } from "../engine.ts";
import { modelFiles } from "./model-fixtures.ts";

/** Shapes by tensor, row-major, `[out, in]`. */
type Shapes = Record<string, readonly number[]>;

const dim = 64;
const ffn = 96;
const heads = 4;
const kvHeads = 2;
const context = 512;
const inner = 2 * dim;
const state = 16;
const convolution = 4;
const rank = 4;

const attention = (headDim: number): Shapes => ({
  "attn_norm.weight": [dim],
  "attn_q.weight": [heads * headDim, dim],
  "attn_k.weight": [kvHeads * headDim, dim],
  "attn_v.weight": [kvHeads * headDim, dim],
  "attn_output.weight": [dim, heads * headDim],
});
const feedForward: Shapes = {
  "ffn_norm.weight": [dim],
  "ffn_gate.weight": [ffn, dim],
  "ffn_up.weight": [ffn, dim],
  "ffn_down.weight": [dim, ffn],
};
const recurrence: Shapes = {
  "attn_norm.weight": [dim],
  "ssm_in.weight": [2 * inner, dim],
  "ssm_conv1d.weight": [inner, convolution],
  "ssm_conv1d.bias": [inner],
  "ssm_x.weight": [rank + 2 * state, inner],
  "ssm_dt.weight": [inner, rank],
  "ssm_dt.bias": [inner],
  ssm_a: [inner, state],
  ssm_d: [inner],
  "ssm_out.weight": [dim, inner],
};
const recurrenceNorms: Shapes = {
  "ssm_dt_norm.weight": [rank],
  "ssm_b_norm.weight": [state],
  "ssm_c_norm.weight": [state],
};
const recurrenceMetadata: Record<string, number> = {
  "ssm.conv_kernel": convolution,
  "ssm.inner_size": inner,
  "ssm.state_size": state,
  "ssm.time_step_rank": rank,
};

interface Architecture {
  layers: readonly Shapes[];
  numbers: Record<string, number | readonly number[]>;
}

/** Tiny models of the kinds that keep something else than one key and value for each token, with random weights. */
export const architectures = {
  /** Every layer but each sixth sees the last 32 tokens only. */
  gemma3: {
    layers: Array.from({ length: 6 }, () => ({
      ...attention(32),
      ...feedForward,
      "attn_q_norm.weight": [32],
      "attn_k_norm.weight": [32],
      "post_attention_norm.weight": [dim],
      "post_ffw_norm.weight": [dim],
    })),
    numbers: {
      "attention.head_count": heads,
      "attention.head_count_kv": kvHeads,
      "attention.key_length": 32,
      "attention.value_length": 32,
      "attention.sliding_window": 32,
    },
  },
  /** A state of fixed size instead of keys and values. */
  mamba: {
    layers: Array.from({ length: 3 }, () => recurrence),
    numbers: { ...recurrenceMetadata, "attention.head_count": 0 },
  },
  /** Both, by turns. */
  jamba: {
    layers: [0, 1, 2, 3].map((layer) => ({
      ...(layer % 2 === 0 ? { ...recurrence, ...recurrenceNorms } : attention(dim / heads)),
      ...feedForward,
    })),
    numbers: {
      ...recurrenceMetadata,
      "attention.head_count": heads,
      "attention.head_count_kv": [0, kvHeads, 0, kvHeads],
    },
  },
} satisfies Record<string, Architecture>;

export async function architectureModel(
  path: string,
  name: keyof typeof architectures,
  type: GgufWriteType,
): Promise<ModelFiles> {
  const { layers, numbers }: Architecture = architectures[name];
  const tokenizer = tinyTokenizer();
  const shapes: Shapes = {
    "token_embd.weight": [tokenizer.tokens.length, dim],
    "output.weight": [tokenizer.tokens.length, dim],
    "output_norm.weight": [dim],
  };
  // Gemma's output layer is the embedding.
  if (name === "gemma3") delete shapes["output.weight"];
  for (const [layer, parts] of layers.entries()) {
    for (const [part, shape] of Object.entries(parts)) shapes[`blk.${layer}.${part}`] = shape;
  }
  let seed = 1;
  const tensors = Object.entries(shapes).map(([tensor, shape]) => {
    const data = Float32Array.from({ length: elementCount(shape) }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      const random = seed / 2 ** 32 - 0.5;
      if (tensor.endsWith("norm.weight")) return 1;
      return tensor.endsWith("ssm_a") ? -0.5 - random : random;
    });
    const quantised = shape.length === 2 && (shape[1] ?? 0) % 32 === 0 && !tensor.includes("ssm_conv1d");
    return { name: tensor, shape, type: quantised ? type : ("F32" as const), data };
  });
  const metadata: GgufEntry[] = [
    ["general.architecture", "string", name],
    ...Object.entries({
      context_length: context,
      embedding_length: dim,
      block_count: layers.length,
      feed_forward_length: name === "mamba" ? 0 : ffn,
      vocab_size: tokenizer.tokens.length,
      ...numbers,
    }).map(([key, value]): GgufEntry =>
      typeof value === "number" ? [`${name}.${key}`, "u32", value] : [`${name}.${key}`, "i32[]", [...value]],
    ),
    [`${name}.attention.layer_norm_rms_epsilon`, "f32", 1e-5],
    ["tokenizer.ggml.model", "string", "gpt2"],
    ["tokenizer.ggml.pre", "string", "gpt-2"],
    ["tokenizer.ggml.tokens", "string[]", tokenizer.tokens],
    ["tokenizer.ggml.token_type", "i32[]", tokenizer.tokens.map((token) => (token.startsWith("<|") ? 3 : 1))],
    ["tokenizer.ggml.merges", "string[]", tokenizer.merges],
    ["tokenizer.ggml.eos_token_id", "u32", tokenizer.tokens.indexOf("<|im_end|>")],
    ["tokenizer.ggml.bos_token_id", "u32", tokenizer.tokens.indexOf("<|endoftext|>")],
    ["tokenizer.ggml.add_bos_token", "bool", false],
    ["tokenizer.chat_template", "string", chatmlTemplate],
  ];
  await writeGguf(path, { metadata, tensors });
  return modelFiles(path);
}
