import { z } from "zod";
import { ModelFileInvalid } from "../invalid.ts";

const size = (most: number) => z.int().min(1).max(most);

/** The sizes of a model in the names of most architectures; any of them may be missing. */
const sizes = z.object({
  hidden_size: size(2 ** 20).optional(),
  num_hidden_layers: size(4096).optional(),
  num_attention_heads: size(2 ** 16).optional(),
  num_key_value_heads: size(2 ** 16).nullish(),
  head_dim: size(2 ** 16).nullish(),
  vocab_size: size(2 ** 24).optional(),
  max_position_embeddings: size(2 ** 31).nullish(),
});

const quantization = z.object({ bits: size(16), group_size: size(4096).optional() });

const config = sizes.extend({
  /** Becomes the name of a module of mlx-lm. */
  model_type: z.string().regex(/^[A-Za-z0-9][\w-]{0,63}$/),
  text_config: sizes.optional(),
  quantization: quantization.optional(),
});

/** What config.json says of a model that decides about its memory and its summary. */
export interface MlxConfig {
  architecture: string;
  layers?: number;
  embedding?: number;
  vocabulary?: number;
  context?: number;
  /** Numbers that one token takes in the key/value cache, over all layers. */
  cacheElementsPerToken?: number;
  /** Bits of a quantised weight; null when they are not quantised. */
  bits: number | null;
  groupSize: number | null;
}

/**
 * Reads config.json. Errors: {@link ModelFileInvalid} for what is no such file, sizes out of bounds, and a model
 * that needs code of its own.
 */
export function readMlxConfig(text: string): MlxConfig {
  const content = parseObject("config.json", text);
  refuseCode(content);
  const parsed = config.safeParse(content);
  if (!parsed.success)
    throw new ModelFileInvalid(`config.json does not describe a model: ${z.prettifyError(parsed.error)}.`);
  const { model_type: architecture, text_config: inner, quantization: quantised } = parsed.data;
  // Models with more than text keep the sizes of their language model apart.
  const from = inner?.num_hidden_layers === undefined ? parsed.data : inner;
  const { num_hidden_layers: layers, hidden_size: embedding, vocab_size: vocabulary } = from;
  const context = from.max_position_embeddings ?? undefined;
  const cache = cacheElements(from);
  return {
    architecture,
    ...(layers === undefined ? {} : { layers }),
    ...(embedding === undefined ? {} : { embedding }),
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(context === undefined ? {} : { context }),
    ...(cache === undefined ? {} : { cacheElementsPerToken: cache }),
    bits: quantised?.bits ?? null,
    groupSize: quantised?.group_size ?? null,
  };
}

/**
 * mlx-lm builds a model that names a `model_file` with that code. (`auto_map` is another library's way to code, which
 * is never taken without being asked for; models that mlx-lm knows by itself often have it too.)
 */
function refuseCode(content: Readonly<Record<string, unknown>>): void {
  if (content["model_file"] === undefined || content["model_file"] === null) return;
  throw new ModelFileInvalid(
    'config.json names code of its own ("model_file"), which is not run here. Use a model that mlx-lm knows by itself.',
    { details: { file: "config.json", field: "model_file" } },
  );
}

/** Errors: {@link ModelFileInvalid} when it is no JSON object. */
export function parseObject(file: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ModelFileInvalid(`${file} is not JSON.`, { cause: error, details: { file } });
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (!parsed.success)
    throw new ModelFileInvalid(`${file} must hold one JSON object.`, { details: { file } });
  return parsed.data;
}

/** Keys and values of every layer; undefined where the sizes do not tell. */
function cacheElements(from: z.infer<typeof sizes>): number | undefined {
  const { num_hidden_layers: layers, num_attention_heads: heads, hidden_size: embedding } = from;
  if (layers === undefined || heads === undefined) return undefined;
  const width = from.head_dim ?? (embedding === undefined ? undefined : embedding / heads);
  return width === undefined ? undefined : 2 * layers * (from.num_key_value_heads ?? heads) * width;
}
