import { z } from "zod";
import { HearthError } from "../errors.ts";

/** At most this many problems are listed; the first one is the message. */
const maximumIssues = 20;

/**
 * Parses what a client sent. Throws `invalid_request` whose message names the first wrong
 * field and whose `details` carry `{field, issues: [{field, message}]}`.
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, maximumIssues).map((issue) => describe(issue, schema, where));
  const first = issues[0] ?? { field: where, message: "is not valid" };
  // Some schemas say the whole sentence.
  const whole = first.message.startsWith(`${first.field} `);
  const sentence = whole ? first.message : `${first.field} ${first.message}`;
  throw new HearthError("invalid_request", `${sentence}.`, {
    details: { field: first.field, issues },
  });
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
