import { z } from "zod";

/** Half of a surrogate pair stands for no character: no tokenizer could read it. */
const unpaired = "holds half of a surrogate pair (an unpaired \\uD800 to \\uDFFF); send whole characters";

/** A text of whole characters. */
export function text() {
  return z.string().refine((value) => value.isWellFormed(), { error: unpaired });
}

/** How deep JSON of a caller's own design may go: what reads it does so by recursion. */
const deepest = 64;

/** A JSON object of the caller's own design, such as a schema: bounded in depth, its texts whole. */
export function freeObject() {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });
}

function problemOf(root: unknown): string | null {
  const waiting: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === "string" && !value.isWellFormed()) return unpaired;
    if (typeof value !== "object" || value === null) continue;
    if (depth >= deepest) return `is nested more than ${deepest} levels deep; make it flatter`;
    for (const [key, inner] of Object.entries(value)) {
      if (!key.isWellFormed()) return unpaired;
      waiting.push({ value: inner, depth: depth + 1 });
    }
  }
  return null;
}
