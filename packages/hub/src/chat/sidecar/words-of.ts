import { APICallError } from "ai";
import { z } from "zod";

const inBody = z.object({ error: z.object({ message: z.string() }) });
const longest = 2_000;

/** What went wrong, in the words of whoever said it, and without what only its sender may know. */
export function wordsOf(error: unknown): string {
  if (APICallError.isInstance(error)) {
    const status = error.statusCode === undefined ? "" : ` (${error.statusCode})`;
    return `${clipped(bodyWords(error.responseBody) ?? error.message)}${status}`;
  }
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
    return clipped(`${error.message}${cause}`);
  }
  return clipped(typeof error === "string" ? error : (JSON.stringify(error) ?? "unknown error"));
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
