import type { JsonSchema, Tool } from "../../engine.ts";

type Kind = "string" | "number" | "boolean" | "null" | "object" | "array";

/** The schema of one argument; undefined when nothing is said of it. */
export function propertySchema(tool: Tool | undefined, key: string): JsonSchema | undefined {
  const { parameters } = tool ?? {};
  if (typeof parameters !== "object" || parameters === null) return undefined;
  const properties = parameters["properties"];
  return isRecord(properties) && Object.hasOwn(properties, key) ? asSchema(properties[key]) : undefined;
}

/** Can a value of this schema be nothing but a text? */
export function onlyText(schema: JsonSchema | undefined): boolean {
  const kinds = kindsOf(schema);
  return kinds?.size === 1 && kinds.has("string");
}

/** JSON text of a value that a model wrote without quotes: what it can be by its schema, else a text. */
export function fromWritten(written: string, schema: JsonSchema | undefined): string {
  const text = written.trim();
  const kinds = kindsOf(schema);
  const json = pythonWords.get(text) ?? text;
  const kind = kindOfJson(json);
  if (kind !== null && (kinds === null || kinds.has(kind))) return json;
  return JSON.stringify(written);
}

const pythonWords: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

function kindOfJson(json: string): Kind | null {
  try {
    return kindOf(JSON.parse(json));
  } catch {
    return null;
  }
}

function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return typeof value as "string" | "number" | "boolean";
  return "object";
}

/** Deeper unions are taken for anything. */
const maxDepth = 8;

/** What values of a schema can be; null: anything, or not known. */
function kindsOf(schema: JsonSchema | undefined, depth = 0): Set<Kind> | null {
  if (typeof schema !== "object" || depth > maxDepth) return null;
  const { type, enum: values, const: only, anyOf, oneOf } = schema;
  if (only !== undefined) return new Set([kindOf(only)]);
  if (Array.isArray(values)) return new Set(values.map(kindOf));
  if (type !== undefined) return kindsOfType(Array.isArray(type) ? type : [type]);
  const union = anyOf ?? oneOf;
  if (!Array.isArray(union)) return null;
  const kinds = new Set<Kind>();
  for (const part of union) {
    const more = kindsOf(asSchema(part), depth + 1);
    if (more === null) return null;
    for (const kind of more) kinds.add(kind);
  }
  return kinds;
}

const kindsOfTypes: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ["string", "string"],
  ["number", "number"],
  ["integer", "number"],
  ["boolean", "boolean"],
  ["null", "null"],
  ["object", "object"],
  ["array", "array"],
]);

function kindsOfType(types: readonly unknown[]): Set<Kind> | null {
  const kinds = new Set<Kind>();
  for (const type of types) {
    const kind = kindsOfTypes.get(type);
    if (kind === undefined) return null;
    kinds.add(kind);
  }
  return kinds;
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === "boolean" || isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
