import { numberTaken } from "./number-forms.ts";
import { refuse } from "./refusal.ts";
import { jsonTypes } from "./schema-node.ts";
import type { JsonType, Subschema } from "./schema-node.ts";
import type { Conjunction, SchemaSource } from "./schema-source.ts";
import { canonical, typeOf } from "./json-value.ts";

const deepest = 4;
const mostPairs = 20_000;

/**
 * Refuses every `oneOf` whose schemas may have a value in common: a grammar can offer alternatives, and cannot
 * take back what two of them allow.
 */
export function checkExclusive(source: SchemaSource): void {
  let pairs = 0;
  // Looking at properties may come across further ones, which join the end of the map.
  for (const [field, schemas] of source.exclusive) {
    for (const [index, one] of schemas.entries()) {
      for (const other of schemas.slice(0, index)) {
        if ((pairs += 1) <= mostPairs && apart(source, [one], [other], 0)) continue;
        refuse(
          field,
          `has alternatives that one value may satisfy together (${one.field} and ${other.field}), as far as their types, values, bounds and required properties tell. Use anyOf, or tell them apart by a required property with a const of its own.`,
        );
      }
    }
  }
}

/** Is it certain that no value is valid for both? False where it is not known. */
function apart(
  source: SchemaSource,
  some: readonly Subschema[],
  others: readonly Subschema[],
  depth: number,
): boolean {
  if (depth > deepest) return false;
  const right = source.together(others);
  return source
    .together(some)
    .every((one) => right.every((other) => conjunctionsApart(source, one, other, depth)));
}

function conjunctionsApart(
  source: SchemaSource,
  one: Conjunction,
  other: Conjunction,
  depth: number,
): boolean {
  const [values, otherValues] = [valuesOf(one), valuesOf(other)];
  if (values !== null && otherValues !== null) return ![...values.keys()].some((key) => otherValues.has(key));
  const types = validTypes(one, values);
  const common = [...validTypes(other, otherValues)].filter((type) => types.has(type));
  return common.every((type) => {
    if (type === "object") return objectsApart(source, one, other, depth);
    if (type !== "integer" && type !== "number") return false;
    const [few, rule] = values === null ? [otherValues, one] : [values, other];
    if (few === null) return rangesApart(one, other);
    return [...few.values()].every((value) => typeof value !== "number" || !numberTaken(rule, value));
  });
}

/** One of them must have a property for which the other has other values, or which it forbids. */
function objectsApart(source: SchemaSource, one: Conjunction, other: Conjunction, depth: number): boolean {
  const [required, otherRequired] = [requiredOf(one), requiredOf(other)];
  return [...new Set([...required, ...otherRequired])].some((name) =>
    apart(source, propertyOf(one, name), propertyOf(other, name), depth + 1),
  );
}

function requiredOf(nodes: Conjunction): readonly string[] {
  return nodes.flatMap(({ object }) => object.required ?? []);
}

function propertyOf(nodes: Conjunction, name: string): Subschema[] {
  return nodes.flatMap(({ object }) => object.properties?.get(name) ?? object.additionalProperties ?? []);
}

/** The values that one list of `enum` or `const` leaves, by their canonical text; null: there is no list. */
function valuesOf(nodes: Conjunction): ReadonlyMap<string, unknown> | null {
  const listed = nodes.find(({ values }) => values !== undefined)?.values;
  return listed === undefined ? null : new Map(listed.map((value) => [canonical(value), value]));
}

/** Every type of which some value may be valid; integers count as numbers. */
function validTypes(nodes: Conjunction, values: ReadonlyMap<string, unknown> | null): Set<JsonType> {
  const types = new Set<JsonType>(values === null ? jsonTypes : [...values.values()].map(typeOf));
  const unified = new Set([...types].map(asNumber));
  for (const { type } of nodes) {
    if (type === undefined) continue;
    const allowed = new Set([...type].map(asNumber));
    for (const one of unified) if (!allowed.has(one)) unified.delete(one);
  }
  return unified;
}

function asNumber(type: JsonType): JsonType {
  return type === "integer" ? "number" : type;
}

function rangesApart(one: Conjunction, other: Conjunction): boolean {
  const [low, high] = rangeOf(one);
  const [otherLow, otherHigh] = rangeOf(other);
  if (high === otherLow || otherHigh === low) {
    return [one, other].some((nodes) =>
      [high === otherLow ? high : low].every((edge) => !numberTaken(nodes, edge)),
    );
  }
  return high < otherLow || otherHigh < low;
}

function rangeOf(nodes: Conjunction): [low: number, high: number] {
  const low = nodes.flatMap(({ number }) => [
    number.minimum ?? -Infinity,
    number.exclusiveMinimum ?? -Infinity,
  ]);
  const high = nodes.flatMap(({ number }) => [
    number.maximum ?? Infinity,
    number.exclusiveMaximum ?? Infinity,
  ]);
  return [Math.max(...low), Math.min(...high)];
}
