import { HearthError } from "../../../errors.ts";
import { parseLossless } from "../../../lossless-json.ts";

/**
 * A field whose text is JSON. Python writes NaN and infinities into it as bare words; they become null.
 *
 * @throws HearthError `invalid_request` naming the field
 */
export function parseJsonText(text: string, field: string): unknown {
  try {
    return parseLossless(text);
  } catch (error) {
    const plain = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (word) =>
      word.startsWith('"') ? word : "null",
    );
    try {
      if (plain !== text) return parseLossless(plain);
    } catch {
      // The first error is about what the client has sent.
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new HearthError("invalid_request", `'${field}' must be JSON: ${reason.slice(0, 200)}`, {
      cause: error,
      details: { field },
    });
  }
}

/** Tags as datasets send them: an object in JSON. What is null is left out. */
export function parseTags(text: string): Map<string, string> {
  const value = parseJsonText(text, "tags");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HearthError("invalid_request", "'tags' must be a JSON object of texts.", {
      details: { field: "tags" },
    });
  }
  return new Map(
    Object.entries(value)
      .filter(([, tag]) => tag !== null)
      .map(([key, tag]) => [key, typeof tag === "string" ? tag : JSON.stringify(tag)]),
  );
}
