import { z } from "zod";

/** A schema as JSON Schema tells it; only what ranges are read from. */
const node = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});
type Node = z.infer<typeof node>;

/** What a field takes, in words: `a whole number, 1 to 256`. Null where the schema does not say it in a few words. */
export function allowedAt(schema: z.ZodType, path: readonly PropertyKey[]): string | null {
  let at: unknown = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  for (const part of path) {
    const { data } = node.safeParse(at);
    at = typeof part === "number" ? data?.items : data?.properties?.[String(part)];
  }
  const { data } = node.safeParse(at);
  return data === undefined ? null : inWords(data);
}

function inWords(schema: Node): string | null {
  if (schema.enum !== undefined) return schema.enum.map(String).join(", ");
  switch (schema.type) {
    case "integer":
      return withRange("a whole number", numberRange(schema));
    case "number":
      return withRange("a number", numberRange(schema));
    case "boolean":
      return "true or false";
    case "string":
      return withRange("text", lengthRange(schema.minLength, schema.maxLength, "characters"));
    case "array":
      return withRange("a list", lengthRange(schema.minItems, schema.maxItems, "entries"));
    case "object":
      return schema.properties === undefined ? "an object" : `an object of ${names(schema.properties)}`;
    case undefined:
    default:
      return null;
  }
}

function withRange(what: string, range: string | null): string {
  return range === null ? what : `${what}, ${range}`;
}

function numberRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Node): string | null {
  // Whole numbers have the bounds of what a double holds exactly, which nobody means.
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  const bounds = [
    least === undefined ? null : `at least ${least}`,
    exclusiveMinimum === undefined ? null : `above ${exclusiveMinimum}`,
    most === undefined ? null : `at most ${most}`,
    exclusiveMaximum === undefined ? null : `below ${exclusiveMaximum}`,
  ].filter((bound) => bound !== null);
  return bounds.length === 0 ? null : bounds.join(" and ");
}

function lengthRange(least: number | undefined, most: number | undefined, of: string): string | null {
  if (least === undefined && most === undefined) return null;
  if (most === undefined) return `at least ${least} ${of}`;
  return least === undefined ? `at most ${most} ${of}` : `${least} to ${most} ${of}`;
}

function names(properties: Record<string, unknown>): string {
  return Object.keys(properties).join(", ");
}
