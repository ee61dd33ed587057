import { APICallError, JSONParseError, TypeValidationError } from "ai";
import { z } from "zod";
import { retryAfter } from "../../retry-after.ts";
import { masked } from "./secrets.ts";

const inBody = z.object({ error: z.object({ message: z.string() }) });
const longest = 2_000;
const longestExcerpt = 200;

/** What went wrong, in the words of whoever said it, and without these keys: some providers repeat them. */
export function wordsOf(error: unknown, secrets: readonly string[]): string {
  // Cut off before it is masked, half a key would be left.
  return clipped(plainWords(error, (text) => clipped(masked(text, secrets), longestExcerpt), secrets));
}

function plainWords(error: unknown, excerpt: (text: string) => string, secrets: readonly string[]): string {
  if (APICallError.isInstance(error)) {
    // A success whose body could not be read to its end: what came in between is the reason.
    const { statusCode = 500, cause } = error;
    if (statusCode < 400 && cause !== undefined) return plainWords(cause, excerpt, secrets);
    return masked(callWords(error), secrets);
  }
  if (JSONParseError.isInstance(error))
    return `The provider sent something in its answer that is no JSON: ${excerpt(error.text)}`;
  if (TypeValidationError.isInstance(error))
    return `The provider sent something in its answer that is not of its API: ${excerpt(JSON.stringify(error.value) ?? "")}`;
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? error.cause.message : null;
    // What `fetch` calls an answer whose connection was closed, or shorter than it said.
    const words =
      error.message === "terminated"
        ? `The connection to the provider broke off in the middle of its answer${cause === null ? "" : ` (${cause})`}. What has come is kept; try again.`
        : `${error.message}${cause === null ? "" : `: ${cause}`}`;
    return masked(words, secrets);
  }
  return masked(typeof error === "string" ? error : (JSON.stringify(error) ?? "unknown error"), secrets);
}

function callWords({ statusCode, responseBody, responseHeaders, message }: APICallError): string {
  const told = bodyWords(responseBody) ?? message;
  if (statusCode === undefined) return told;
  const wait = retryAfter(responseHeaders?.["retry-after"] ?? null);
  const again = wait === null ? "" : `${/[.!?]$/.test(told) ? "" : "."} Try again in ${wait} s.`;
  return `The provider answered ${statusCode}: ${told}${again}`;
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

function clipped(words: string, most = longest): string {
  return words.length > most ? `${words.slice(0, most)}…` : words;
}
