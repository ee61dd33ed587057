import { generateText } from "ai";
import type { SidecarSettings } from "./messages.ts";
import { chooseModel } from "./providers.ts";

const patienceMs = 60_000;
const longestExcerpt = 2_000;
const mostWords = 7;

/** Names a conversation in 5 to 7 words. Throws what the provider throws. */
export async function makeTitle(
  asked: { text: string; providerId?: string | undefined; modelId?: string | undefined },
  settings: SidecarSettings,
  signal: AbortSignal,
): Promise<string> {
  const { model, options } = chooseModel(settings, asked);
  const { text } = await generateText({
    model,
    providerOptions: options,
    instructions:
      "Name the conversation that begins like this in 5 to 7 words. Answer with the name only, without quotes.",
    prompt: asked.text.slice(0, longestExcerpt),
    maxOutputTokens: 64,
    temperature: 0,
    maxRetries: 0,
    abortSignal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
  });
  return tidyTitle(text);
}

/** One line, at most 7 words, without quotes and full stop; "" when nothing is left. */
export function tidyTitle(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  const words = line
    .replaceAll(/["“”«»#*`]/g, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  return words
    .slice(0, mostWords)
    .join(" ")
    .replace(/[.:,;]+$/, "")
    .slice(0, 120);
}
