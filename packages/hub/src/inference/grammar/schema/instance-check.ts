import { fullFormats } from "ajv-formats/dist/formats.js";
import { SearchAutomaton } from "../pattern/search-automaton.ts";
import { formatExpressions } from "./formats.ts";
import { canonical, typeOf } from "./json-value.ts";
import { numberTaken } from "./number-forms.ts";
import { isObject } from "./schema-node.ts";
import type { SchemaNode, Subschema } from "./schema-node.ts";
import type { SchemaSource } from "./schema-source.ts";

export interface InstanceProblem {
  /** A JSON pointer. */
  at: string;
  /** The rest of a sentence about what is there. */
  message: string;
}

/**
 * Checks one instance against schemas. Compiled validators look at a value again for every way that leads to it, which
 * a recursive schema makes exponential; here every pair of schema and value is looked at once.
 */
export class InstanceCheck {
  readonly #source: SchemaSource;
  readonly #results = new Map<SchemaNode, Map<unknown, InstanceProblem | null>>();

  constructor(source: SchemaSource) {
    this.#source = source;
  }

  /** Errors: RangeError when it is too deep; InvalidRequest when the schema cannot be read. */
  problem({ schema, field }: Subschema, value: unknown): InstanceProblem | null {
    if (typeof schema === "boolean") return schema ? null : here("is not allowed");
    const node = this.#source.node(schema, field);
    const results = this.#results.get(node) ?? new Map<unknown, InstanceProblem | null>();
    this.#results.set(node, results);
    const known = results.get(value);
    if (known !== undefined) return known;
    // For a schema that refers to itself and says nothing else.
    results.set(value, here("cannot be decided on"));
    const problem = this.#ofNode(node, value);
    results.set(value, problem);
    return problem;
  }

  #ofNode(node: SchemaNode, value: unknown): InstanceProblem | null {
    const own = ownProblem(node, value);
    if (own !== null) return here(own);
    if (node.reference !== undefined) {
      const problem = this.problem(this.#source.resolve(node.reference, node.field), value);
      if (problem !== null) return problem;
    }
    for (const one of node.allOf) {
      const problem = this.problem(one, value);
      if (problem !== null) return problem;
    }
    return (
      this.#choiceProblem(node, value) ??
      (Array.isArray(value)
        ? this.#arrayProblem(node, value)
        : isObject(value)
          ? this.#objectProblem(node, value)
          : null)
    );
  }

  #choiceProblem({ anyOf, oneOf }: SchemaNode, value: unknown): InstanceProblem | null {
    if (anyOf !== undefined) {
      const problems = anyOf.map((one) => this.problem(one, value));
      if (!problems.includes(null)) return problems[0] ?? here("matches nothing of anyOf");
    }
    if (oneOf !== undefined) {
      const problems = oneOf.map((one) => this.problem(one, value));
      const valid = problems.filter((problem) => problem === null).length;
      if (valid > 1) return here(`matches ${valid} schemas of oneOf`);
      if (valid === 0) return problems[0] ?? here("matches nothing of oneOf");
    }
    return null;
  }

  #arrayProblem({ array }: SchemaNode, value: readonly unknown[]): InstanceProblem | null {
    for (const [index, element] of value.entries()) {
      const schema = array.prefixItems?.[index] ?? array.items;
      const problem = schema === undefined ? null : this.problem(schema, element);
      if (problem !== null) return below(String(index), problem);
    }
    return null;
  }

  #objectProblem({ object }: SchemaNode, value: Readonly<Record<string, unknown>>): InstanceProblem | null {
    for (const [name, inner] of Object.entries(value)) {
      const schema = object.properties?.get(name) ?? object.additionalProperties;
      const ofName = object.propertyNames === undefined ? null : this.problem(object.propertyNames, name);
      const problem = ofName ?? (schema === undefined ? null : this.problem(schema, inner));
      if (problem !== null) return below(name, problem);
    }
    return null;
  }
}

/** What a node asks of a value without looking into it. */
function ownProblem(node: SchemaNode, value: unknown): string | null {
  const type = typeOf(value);
  if (node.type !== undefined && !node.type.has(type) && !(type === "integer" && node.type.has("number"))) {
    return `must be ${[...node.type].join(" or ")} and is ${type}`;
  }
  if (node.values !== undefined && !valuesOf(node).has(canonical(value)))
    return "is none of the values of enum or const";
  if (typeof value === "string") return textProblem(node, value);
  if (typeof value === "number")
    return numberTaken([node], value) ? null : "is outside of the bounds or steps for numbers";
  if (Array.isArray(value)) return arrayProblem(node, value);
  return isObject(value) ? objectProblem(node, value) : null;
}

const valueSets = new WeakMap<SchemaNode, ReadonlySet<string>>();

function valuesOf(node: SchemaNode): ReadonlySet<string> {
  const set = valueSets.get(node) ?? new Set((node.values ?? []).map(canonical));
  valueSets.set(node, set);
  return set;
}

function textProblem({ text, format }: SchemaNode, value: string): string | null {
  const length = Array.from(value).length;
  if (length < (text.minLength ?? 0)) return `has ${length} characters; the fewest are ${text.minLength}`;
  if (length > (text.maxLength ?? Infinity))
    return `has ${length} characters; the most are ${text.maxLength}`;
  if (text.pattern !== undefined && !searchOf(text.pattern).test(value))
    return `does not match ${text.pattern}`;
  return format === undefined || inFormat(format, value) ? null : `is no ${format}`;
}

const searches = new Map<string, SearchAutomaton>();
const keptSearches = 100;

function searchOf(pattern: string): SearchAutomaton {
  const search = searches.get(pattern) ?? new SearchAutomaton(pattern);
  searches.delete(pattern);
  searches.set(pattern, search);
  const oldest = searches.keys().next();
  if (searches.size > keptSearches && oldest.done !== true) searches.delete(oldest.value);
  return search;
}

/** Only what a grammar enforces too: other names may mean anything. */
function inFormat(name: string, value: string): boolean {
  if (formatExpressions(name).length === 0) return true;
  const format = new Map<string, unknown>(Object.entries(fullFormats)).get(name);
  const check = isObject(format) && "validate" in format ? format["validate"] : format;
  return check instanceof RegExp ? check.test(value) : typeof check === "function" && check(value) === true;
}

function arrayProblem({ array }: SchemaNode, value: readonly unknown[]): string | null {
  const { length } = value;
  if (length < (array.minItems ?? 0)) return `has ${length} elements; the fewest are ${array.minItems}`;
  if (length > (array.maxItems ?? Infinity)) return `has ${length} elements; the most are ${array.maxItems}`;
  const distinct = array.uniqueItems === true ? new Set(value.map(canonical)).size : length;
  return distinct < length ? "holds the same element twice" : null;
}

function objectProblem({ object }: SchemaNode, value: Readonly<Record<string, unknown>>): string | null {
  const count = Object.keys(value).length;
  const missing = object.required?.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `lacks the property ${JSON.stringify(missing)}`;
  if (count < (object.minProperties ?? 0))
    return `has ${count} properties; the fewest are ${object.minProperties}`;
  return count > (object.maxProperties ?? Infinity)
    ? `has ${count} properties; the most are ${object.maxProperties}`
    : null;
}

function here(message: string): InstanceProblem {
  return { at: "", message };
}

function below(step: string, { at, message }: InstanceProblem): InstanceProblem {
  return { at: `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}${at}`, message };
}
