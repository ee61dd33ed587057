import { z } from "zod";
import type { HearthError } from "../../../errors.ts";
import { GenerationFailed, InvalidRequest, ModelLoadFailed } from "../../errors.ts";

/** What serve.py puts in front of the facts of a refusal. */
const marker = "hearth:";

const errorBody = z.object({ error: z.string() });
const facts = z.object({
  code: z.enum(["invalid_request", "model_load_failed"]),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});

/**
 * The error that an answer other than 200 stands for. mlx_lm.server says 404 both when a model or an adapter
 * cannot be loaded and when the request's text cannot be made into tokens, and 400 for values out of bounds.
 */
export function refusal(
  status: number,
  text: string,
  { adapter, loading }: { adapter: string | null; loading: string | null },
): HearthError {
  const words = wordsOf(text);
  const ours = words.startsWith(marker) ? facts.safeParse(parse(words.slice(marker.length))).data : undefined;
  if (ours !== undefined) {
    if (ours.code === "invalid_request") return new InvalidRequest(ours.message, ours.details);
    return adapterFailed(adapter, ours.message);
  }
  if (words.includes("generation thread died"))
    return new GenerationFailed("mlx_lm.server has failed and answers nothing more. Try again.", {
      details: { engine: "mlx" },
    });
  if (loading !== null)
    return new ModelLoadFailed(`The model ${loading} could not be loaded by mlx_lm.server: ${words}.`);
  if (status === 404 && adapter !== null) return adapterFailed(adapter, words);
  if (status === 404 || status === 400)
    return new InvalidRequest(`mlx_lm.server cannot read this request: ${words}.`);
  if (status === 401 || status === 403)
    return new GenerationFailed(
      `mlx_lm.server refuses the hub (status ${status}); check MLX_SERVER_URL and its key.`,
    );
  return new GenerationFailed(`mlx_lm.server answered with status ${status}: ${words}. Try again.`, {
    details: { engine: "mlx", status },
  });
}

function adapterFailed(adapter: string | null, words: string): ModelLoadFailed {
  const what = adapter === null ? "The model" : `The adapter ${adapter}`;
  return new ModelLoadFailed(`${what} could not be loaded by mlx-lm: ${words}.`);
}

function wordsOf(text: string): string {
  const parsed = errorBody.safeParse(parse(text));
  return parsed.success ? parsed.data.error : text.trim().slice(0, 500) || "nothing";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
