import { z } from "zod";
import { HearthError } from "../errors.ts";
import { allowedAt } from "./allowed-values.ts";

/** At most this many problems are listed; the first one is the message. */
const maximumIssues = 20;

/**
 * Parses what a client sent. Throws `invalid_request` whose message names the first wrong
 * field and whose `details` carry `{field, value, allowed, issues: [{field, message}]}`: what was
 * found there and what the field takes, as far as they can be told in a few words.
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, maximumIssues).map((issue) => describe(issue, schema, where));
  const first = issues[0] ?? { field: where, message: "is not valid" };
  // Some schemas say the whole sentence.
  const whole = first.message.startsWith(`${first.field} `);
  const sentence = whole ? first.message : `${first.field} ${first.message}`;
  const found = foundAndAllowed(result.error.issues[0], schema, value);
  throw new HearthError("invalid_request", `${sentence}${found.words}.`, {
    details: { field: first.field, ...found.details, issues },
  });
}

const shownCharacters = 100;

/** The value that was refused and what is taken instead. Text is shown where it should have been a choice or no text. */
function foundAndAllowed(
  issue: z.core.$ZodIssue | undefined,
  schema: z.ZodType,
  value: unknown,
): { words: string; details: { value?: unknown; allowed?: string } } {
  if (issue === undefined) return { words: "", details: {} };
  if (issue.code === "unrecognized_keys") {
    const allowed = allowedAt(schema, issue.path)?.replace("an object of ", "");
    const found = shown(valueAt(value, [...issue.path, issue.keys[0] ?? ""]), true);
    return { words: "", details: { ...found, ...(allowed === undefined ? {} : { allowed }) } };
  }
  const allowed = allowedAt(schema, issue.path);
  const found = shown(
    valueAt(value, issue.path),
    issue.code !== "invalid_value" && issue.code !== "invalid_type",
  );
  if (allowed === null) return { words: "", details: found };
  // A wrong type is told in the message already; a number's range is not.
  const told = issue.code === "invalid_type" && !allowed.includes("number");
  const words = "value" in found ? `; found: ${JSON.stringify(found.value)}; allowed: ${allowed}` : "";
  return { words: told ? "" : words, details: { ...found, allowed } };
}

function shown(value: unknown, hideText: boolean): { value?: unknown } {
  if (value === null || typeof value === "number" || typeof value === "boolean") return { value };
  // Text that is of the right type may be anything, also a secret.
  if (typeof value === "string" && !hideText) return { value: value.slice(0, shownCharacters) };
  return {};
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = Reflect.get(at, part);
  }
  return at;
}

interface Described {
  field: string;
  message: string;
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, where: string): Described {
  if (issue.code === "unrecognized_keys") {
    const field = fieldName([...issue.path, issue.keys[0] ?? ""], where);
    const known =
      issue.path.length === 0 && schema instanceof z.ZodObject
        ? `; known fields: ${Object.keys(schema.shape).join(", ")}`
        : "";
    return { field, message: `is not a known field${known}` };
  }
  const field = fieldName(issue.path, where);
  if (
    issue.code === "invalid_type" &&
    issue.input === undefined &&
    issue.message.endsWith("received undefined")
  ) {
    return { field, message: `is required (${issue.expected})` };
  }
  return {
    field,
    message: issue.message
      .replace(/^Invalid input: /, "")
      .replace(/^(expected|Too|Invalid)/, (word) =>
        word === "expected" ? "must be: expected" : `is wrong: ${word}`,
      ),
  };
}

/** `["messages", 0, "role"]` → `messages[0].role` */
function fieldName(path: readonly PropertyKey[], where: string): string {
  if (path.length === 0) return where;
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}
