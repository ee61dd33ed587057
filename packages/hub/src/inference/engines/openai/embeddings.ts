import { z } from "zod";
import type { Embedding, Prompt } from "../../engine.ts";
import { call, readJson } from "./call.ts";
import { nameOf, ServerFailure } from "./failures.ts";
import { Patience } from "./patience.ts";
import type { ServerAddress } from "./server.ts";

const answerBytes = 128 * 2 ** 20;

const embeddingList = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1).max(65_536) })),
  usage: z
    .object({ prompt_tokens: z.int().min(0) })
    .nullish()
    .catch(null),
});

/**
 * One vector for each input. Servers count the tokens of all inputs together: each vector's own count is told for
 * a single input, otherwise the first carries the sum. Errors: ServerFailure, Timeout, RequestCancelled.
 */
export async function embeddingsOf(
  server: ServerAddress,
  model: string,
  inputs: readonly Prompt[],
  signal: AbortSignal,
): Promise<Embedding[]> {
  using patience = new Patience(signal, server.timeoutMs, nameOf(server));
  const body = { model, input: inputs.map(inputOf), encoding_format: "float" };
  const response = await call(server, "embeddings", body, patience);
  const parsed = embeddingList.safeParse(await readJson(server, response, answerBytes, patience));
  const data = parsed.data?.data ?? [];
  const byPlace = new Map(data.map(({ index, embedding }) => [index, embedding]));
  if (data.length !== inputs.length || inputs.some((_, place) => !byPlace.has(place))) {
    throw new ServerFailure(
      "generation_failed",
      "sick",
      `${nameOf(server)} did not answer with one vector for each of the ${inputs.length} inputs.`,
      { details: { url: server.url } },
    );
  }
  const total = parsed.data?.usage?.prompt_tokens ?? 0;
  return inputs.map((_, place) => ({
    values: Float32Array.from(byPlace.get(place) ?? []),
    tokens: place === 0 ? total : 0,
  }));
}

function inputOf(prompt: Prompt): string | number[] {
  if (prompt.kind === "text") return prompt.text;
  if (prompt.kind === "tokens") return prompt.tokens;
  throw new TypeError("A conversation has no embedding.");
}
