import { APICallError } from "ai";
import { z } from "zod";
import { masked } from "./secrets.ts";

const inBody = z.object({ error: z.object({ message: z.string() }) });
const longest = 2_000;

/** What went wrong, in the words of whoever said it, and without these keys: some providers repeat them. */
export function wordsOf(error: unknown, secrets: readonly string[]): string {
  const tidy = (words: string): string => clipped(masked(words, secrets));
  if (APICallError.isInstance(error)) {
    const status = error.statusCode === undefined ? "" : ` (${error.statusCode})`;
    return `${tidy(bodyWords(error.responseBody) ?? error.message)}${status}`;
  }
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
    return tidy(`${error.message}${cause}`);
  }
  return tidy(typeof error === "string" ? error : (JSON.stringify(error) ?? "unknown error"));
}

function bodyWords(body: string | undefined): string | null {
  if (body === undefined) return null;
  try {
    const read = inBody.safeParse(JSON.parse(body));
    return read.success ? read.data.error.message : null;
  } catch {
    // Not JSON: the AI SDK's own words say more than the page of a proxy.
    return null;
  }
}

function clipped(words: string): string {
  return words.length > longest ? `${words.slice(0, longest)}…` : words;
}
