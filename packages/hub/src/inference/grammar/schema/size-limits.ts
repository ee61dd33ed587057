import { refuse } from "./refusal.ts";

/** What a whole schema may hold, examples and definitions that nobody uses included. */
const limits = { values: 50_000, characters: 500_000, depth: 100 };

/** Refuses what is too large to be looked at closely; needs no stack, however deep it is. */
export function checkSize(schema: unknown, field: string): void {
  const waiting: { value: unknown; depth: number }[] = [{ value: schema, depth: 0 }];
  let values = 0;
  let characters = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { value, depth } = at;
    if ((values += 1) > limits.values)
      refuse(field, `holds more than ${limits.values} values. Send a smaller schema.`);
    if (depth > limits.depth)
      refuse(field, `is more than ${limits.depth} levels deep. Send a flatter schema.`);
    // JSON may hold 1e400, which is no number any more once it is read.
    if (typeof value === "number" && !Number.isFinite(value))
      refuse(field, "holds a number that is too large to be kept.");
    if (typeof value === "string") characters += value.length;
    if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        characters += Array.isArray(value) ? 0 : key.length;
        waiting.push({ value: inner, depth: depth + 1 });
      }
    }
    if (characters > limits.characters) {
      refuse(field, `holds more than ${limits.characters} characters. Send a smaller schema.`);
    }
  }
}
