import { join } from "node:path";
import { syntheticTokenizer } from "../../../../../bench/models/synthetic-tokenizer.ts";
import { chatmlTemplate } from "../../model-files/chat-template.ts";
import {
  decoderTensors,
  writeDecoderModel,
  type DecoderShape,
} from "../../model-files/gguf/decoder-model.ts";
import { interleavedRows } from "../../model-files/peft-adapter.ts";
import { readSafetensor, readSafetensorsHeader } from "../../model-files/safetensors.ts";

const outside: Readonly<Record<string, string>> = {
  "token_embd.weight": "model.embed_tokens.weight",
  "output_norm.weight": "model.norm.weight",
  "output.weight": "lm_head.weight",
};
const inLayers: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  ffn_norm: "post_attention_layernorm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** Writes the model that `writeMlxModel` has written to a folder as GGUF: the same weights, in GGUF's order of rows. */
export async function writeGgufTwin(folder: string, path: string, shape: DecoderShape): Promise<void> {
  const header = await readSafetensorsHeader(join(folder, "model.safetensors"));
  const weights = new Map<string, Float32Array>();
  for (const name of decoderTensors(shape).keys()) {
    const [, layer = "", linear = ""] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
    const b = await readSafetensor(
      header,
      outside[name] ?? `model.layers.${layer}.${inLayers[linear] ?? ""}.weight`,
    );
    const out = b.length / shape.dim;
    const matrix = { name, a: new Float32Array(), b, rank: shape.dim, in: shape.dim, out };
    weights.set(name, interleavedRows(matrix, linear, shape));
  }
  const tokenizer = syntheticTokenizer(shape.vocabulary);
  const model = { shape, name: "twin", tokenizer, chatTemplate: chatmlTemplate, weights };
  await writeDecoderModel(path, { ...model, type: "F16" });
}
