import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syntheticTokenizer } from "../../../../../bench/models/synthetic-tokenizer.ts";
import { chatmlTemplate } from "../../model-files/chat-template.ts";
import { writeSafetensors, type SafetensorsToWrite } from "../../model-files/safetensors.ts";
import type { DecoderShape } from "../../model-files/gguf/decoder-shape.ts";
import type { TokenizerFile } from "../../model-files/tokenizer/train.ts";

/** Evenly distributed numbers around 0 with this standard deviation, the same for the same seed. */
function noise(count: number, deviation: number, seed: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state / 2 ** 31) * Math.sqrt(3) * deviation;
  };
  for (let round = 0; round < 16; round++) next();
  return Float32Array.from({ length: count }, next);
}

/** Names and shapes as mlx-lm's Llama has them. */
function mlxTensors(shape: DecoderShape): [name: string, dimensions: number[]][] {
  const { dim, ffn, vocabulary } = shape;
  const queries = shape.heads * shape.headDim;
  const keys = shape.kvHeads * shape.headDim;
  const tensors: [string, number[]][] = [["model.embed_tokens.weight", [vocabulary, dim]]];
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `model.layers.${layer}`;
    tensors.push(
      [`${block}.input_layernorm.weight`, [dim]],
      [`${block}.self_attn.q_proj.weight`, [queries, dim]],
      [`${block}.self_attn.k_proj.weight`, [keys, dim]],
      [`${block}.self_attn.v_proj.weight`, [keys, dim]],
      [`${block}.self_attn.o_proj.weight`, [dim, queries]],
      [`${block}.post_attention_layernorm.weight`, [dim]],
      [`${block}.mlp.gate_proj.weight`, [ffn, dim]],
      [`${block}.mlp.up_proj.weight`, [ffn, dim]],
      [`${block}.mlp.down_proj.weight`, [dim, ffn]],
    );
  }
  tensors.push(["model.norm.weight", [dim]]);
  if (!shape.tied) tensors.push(["lm_head.weight", [vocabulary, dim]]);
  return tensors;
}

/** A model folder as mlx-lm reads it: Llama of this shape, random weights, one shard. */
export async function writeMlxModel(
  folder: string,
  shape: DecoderShape,
  seed: number,
  options: { template?: string; config?: Record<string, unknown> } = {},
): Promise<TokenizerFile> {
  await mkdir(folder, { recursive: true });
  const tokenizer = syntheticTokenizer(shape.vocabulary);
  const tensors = mlxTensors(shape).map(([name, dimensions], index): SafetensorsToWrite => {
    const count = dimensions.reduce((product, size) => product * size, 1);
    const deviation = name.includes("embed") ? 1 : 1 / Math.sqrt(dimensions.at(-1) ?? 1);
    const data =
      dimensions.length === 1
        ? new Float32Array(count).fill(1)
        : noise(count, deviation, seed * 65_537 + index);
    return { name, shape: dimensions, type: "F32", data };
  });
  await writeSafetensors(join(folder, "model.safetensors"), { tensors, metadata: { format: "mlx" } });
  const eos = tokenizer.tokens.indexOf(tokenizer.eos);
  await writeJson(join(folder, "config.json"), {
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    hidden_size: shape.dim,
    num_hidden_layers: shape.layers,
    intermediate_size: shape.ffn,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    rms_norm_eps: shape.normEps,
    rope_theta: shape.ropeTheta,
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.context,
    tie_word_embeddings: shape.tied,
    eos_token_id: eos,
    torch_dtype: "float32",
    ...options.config,
  });
  await writeJson(join(folder, "tokenizer.json"), tokenizerJson(tokenizer));
  await writeJson(join(folder, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    eos_token: tokenizer.eos,
    bos_token: tokenizer.bos,
    clean_up_tokenization_spaces: false,
    model_max_length: shape.context,
    chat_template: options.template ?? chatmlTemplate,
  });
  return tokenizer;
}

/** Qwen 2's way of cutting text, as `trainedPreTokenizer` cuts it. */
const pieces = String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/** The file format of Hugging Face's tokenizers library. */
function tokenizerJson({ tokens, merges, specialTokens }: TokenizerFile): Record<string, unknown> {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content) => ({
      id: tokens.indexOf(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: pieces }, behavior: "Isolated", invert: false },
        byteLevel,
      ],
    },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map((merge) => merge.split(" ")),
    },
  };
}

/** An adapter folder as mlx-lm reads it, on the query and value layers; strong enough to change what is likeliest. */
export async function writeMlxAdapter(folder: string, shape: DecoderShape, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rank = 4;
  const outputs = { q_proj: shape.heads * shape.headDim, v_proj: shape.kvHeads * shape.headDim };
  const tensors: SafetensorsToWrite[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const [name, out] of Object.entries(outputs)) {
      const at = `model.layers.${layer}.self_attn.${name}`;
      const number = seed * 1_000 + tensors.length;
      tensors.push(
        {
          name: `${at}.lora_a`,
          shape: [shape.dim, rank],
          type: "F32",
          data: noise(shape.dim * rank, 0.5, number),
        },
        { name: `${at}.lora_b`, shape: [rank, out], type: "F32", data: noise(rank * out, 0.5, number + 1) },
      );
    }
  }
  await writeSafetensors(join(folder, "adapters.safetensors"), { tensors });
  await writeJson(join(folder, "adapter_config.json"), {
    fine_tune_type: "lora",
    num_layers: shape.layers,
    lora_parameters: { rank, scale: 2, dropout: 0, keys: ["self_attn.q_proj", "self_attn.v_proj"] },
  });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
