import { isObject } from "./schema-node.ts";

/** Ajv leaves out a property of this name; it is a name like any other. */
const prototypeName = "__proto__";

/** Stands in for it; the character is one of those that nobody may give a meaning. */
const standIn = "__proto__\uFFFF";

/** The same value with another name for every property `__proto__`; the very same where there is none. */
export function withoutPrototypeName(value: unknown): unknown {
  return hasIt(value) ? renamed(value, false) : value;
}

/** The same for a schema, where the name is also in lists of names and in references. */
export function schemaWithoutPrototypeName(schema: unknown): unknown {
  return hasIt(schema) ? renamed(schema, true) : schema;
}

/** Needs no stack: a value may be as deep as a text is long. */
function hasIt(root: unknown): boolean {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (value === prototypeName) return true;
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, prototypeName)) return true;
    for (const inner of Object.values(value)) waiting.push(inner);
  }
  return false;
}

function renamed(value: unknown, inSchema: boolean, keyword = ""): unknown {
  if (inSchema && typeof value === "string") {
    if (keyword === "$ref") return value.replaceAll(`/${prototypeName}`, `/${standIn}`);
    return value === prototypeName && namesOnly.has(keyword) ? standIn : value;
  }
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, inSchema, keyword));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name === prototypeName ? standIn : name,
      renamed(inner, inSchema, namesOnly.has(keyword) && name === "enum" ? keyword : name),
    ]),
  );
}

/** Keywords whose texts are names of properties. */
const namesOnly: ReadonlySet<string> = new Set(["required", "propertyNames"]);
