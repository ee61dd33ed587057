import type { DecoderFamily } from "./family.ts";
import { gemma, gemma2, gemma3 } from "./gemma.ts";
import { llama, mistral3, smollm3 } from "./llama.ts";
import { qwen2, qwen3 } from "./qwen.ts";

/** The architectures that can be trained here, by their names in model files. */
export const families: ReadonlyMap<string, DecoderFamily> = new Map(
  Object.entries({ llama, mistral3, smollm3, qwen2, qwen3, gemma, gemma2, gemma3 }),
);
