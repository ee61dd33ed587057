import { PatternProblem } from "../pattern/parse-pattern.ts";
import { SearchAutomaton } from "../pattern/search-automaton.ts";
import { textAutomaton } from "../pattern/text-automaton.ts";
import { longestRun } from "../repetition.ts";
import { formatExpression, formatNames, numberFormats } from "./formats.ts";
import { numberForm, numberTaken } from "./number-forms.ts";
import { refuse } from "./refusal.ts";
import { isObject, jsonTypes } from "./schema-node.ts";
import type { JsonType, SchemaNode, Subschema } from "./schema-node.ts";
import type { Conjunction, SchemaSource } from "./schema-source.ts";
import type { ArrayForm, Form, ObjectForm, Shape } from "./shape.ts";

const limits = { shapes: 5000, automatonStates: 20_000 };

/** Makes shapes out of schemas: types, merged keywords, automata. Errors of all methods: InvalidRequest. */
export class ShapeBuilder {
  readonly #source: SchemaSource;
  readonly #shapes = new Map<string, Shape>();
  readonly #pending: (() => void)[] = [];
  readonly #automata = new Map<string, SearchAutomaton>();
  #automatonStates = 0;

  constructor(source: SchemaSource) {
    this.#source = source;
  }

  /** The shape of a schema, with every shape that it leads to. */
  build(root: Subschema): { shape: Shape; all: Shape[] } {
    const shape = this.#shapeOf([root], root.field);
    for (let fill = this.#pending.pop(); fill !== undefined; fill = this.#pending.pop()) fill();
    return { shape, all: [...this.#shapes.values()] };
  }

  /** What is valid for all of these; its forms come later, so that schemas can lead back to themselves. */
  #shapeOf(all: readonly Subschema[], field: string): Shape {
    const alternatives = this.#source.together(all);
    const key =
      alternatives.map((nodes) => nodes.map(({ id }) => id).join(",")).join("|") +
      (alternatives.length === 0 ? "none" : "");
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    if (this.#shapes.size >= limits.shapes)
      refuse(field, `is one of more than ${limits.shapes} different schemas.`);
    const shape: Shape = { field: all[0]?.field ?? field, forms: [] };
    this.#shapes.set(key, shape);
    this.#pending.push(() => {
      for (const nodes of alternatives) shape.forms.push(...this.#formsOf(nodes));
    });
    return shape;
  }

  #formsOf(nodes: Conjunction): Form[] {
    const types = typesOf(nodes);
    if (types === null) return [{ kind: "anything" }];
    const valued = nodes.find((node) => node.values !== undefined);
    if (valued !== undefined) {
      const values = this.#valuesTaken(nodes, types, valued);
      return values.length === 0 ? [] : [{ kind: "values", values }];
    }
    return [...types].flatMap((type) => this.#formOf(type, nodes) ?? []);
  }

  #formOf(type: JsonType, nodes: Conjunction): Form | null {
    switch (type) {
      case "null":
      case "boolean":
        return { kind: type };
      case "integer":
      case "number":
        checkFormats(nodes, "number");
        return numberForm(nodes, type === "integer");
      case "string":
        return this.#textForm(nodes);
      case "array":
        return this.#arrayForm(nodes);
      case "object":
        return this.#objectForm(nodes);
    }
  }

  /** The values that stand in every list and that all nodes take. */
  #valuesTaken(nodes: Conjunction, types: ReadonlySet<JsonType>, valued: SchemaNode): unknown[] {
    const lists = nodes.flatMap((node) => (node.values === undefined ? [] : [node.values.map(canonical)]));
    const unique = new Map((valued.values ?? []).map((value) => [canonical(value), value]));
    const everywhere = [...unique].filter(([key]) => lists.every((list) => list.includes(key)));
    return everywhere
      .map(([, value]) => value)
      .filter((value) => {
        const type = typeOf(value);
        if (!types.has(type) && !(type === "integer" && types.has("number"))) return false;
        if (typeof value === "string") return this.#textTaken(nodes, value);
        if (typeof value === "number") return numberTaken(nodes, value);
        const beside = nodes.find((node) =>
          asks(type === "array" ? node.array : type === "object" ? node.object : {}),
        );
        if (beside !== undefined) {
          refuse(
            `${valued.field}.enum`,
            `holds ${type}s beside keywords about them (at ${beside.field}). Leave one of the two out.`,
          );
        }
        return true;
      });
  }

  #textTaken(nodes: Conjunction, value: string): boolean {
    const length = Array.from(value).length;
    const fits = nodes.every(
      ({ text }) => length >= (text.minLength ?? 0) && length <= (text.maxLength ?? Infinity),
    );
    return fits && this.#searches(nodes).every((search) => search.test(value));
  }

  #textForm(nodes: Conjunction): Form | null {
    const min = Math.max(0, ...nodes.map(({ text }) => text.minLength ?? 0));
    const max = Math.min(...nodes.map(({ text }) => text.maxLength ?? Infinity));
    if (min > max) return null;
    const window = { min, max: max === Infinity ? null : max };
    const long = nodes.find(({ text }) => (text.minLength ?? 0) > longestRun);
    if (long !== undefined) refuse(`${long.field}.minLength`, `is above ${longestRun}. Ask for less.`);
    const searches = this.#searches(nodes);
    if (searches.length === 0) return { kind: "text", ...window };
    const field = nodes.flatMap((node) =>
      node.text.pattern !== undefined
        ? [`${node.field}.pattern`]
        : node.format !== undefined
          ? [`${node.field}.format`]
          : [],
    );
    const automaton = attempt(field.join(" with "), field[0] ?? "", () => textAutomaton(searches, window));
    if (automaton === null) return null;
    this.#automatonStates += automaton.length;
    if (this.#automatonStates > limits.automatonStates) {
      refuse(
        field[0] ?? "",
        `is one pattern too many: all together take more than ${limits.automatonStates} rules. Simplify some.`,
      );
    }
    return { kind: "pattern", automaton };
  }

  /** An automaton for each pattern and format. */
  #searches(nodes: Conjunction): SearchAutomaton[] {
    checkFormats(nodes, "string");
    const sources = nodes.flatMap((node) => {
      const { pattern } = node.text;
      const ofFormat = node.format === undefined ? undefined : formatExpression(node.format);
      return [
        ...(pattern === undefined ? [] : [{ source: pattern, field: `${node.field}.pattern` }]),
        ...(ofFormat === undefined ? [] : [{ source: ofFormat, field: `${node.field}.format` }]),
      ];
    });
    const unique = new Map(sources.map(({ source, field }) => [source, field]));
    return [...unique].map(([source, field]) => {
      const known = this.#automata.get(source);
      if (known !== undefined) return known;
      const made = attempt(field, field, () => new SearchAutomaton(source));
      this.#automata.set(source, made);
      return made;
    });
  }

  #arrayForm(nodes: Conjunction): ArrayForm | null {
    const min = Math.max(0, ...nodes.map(({ array }) => array.minItems ?? 0));
    const max = Math.min(...nodes.map(({ array }) => array.maxItems ?? Infinity));
    if (min > max) return null;
    const [node] = nodes;
    const field = node?.field ?? "";
    const long = nodes.find(({ array }) => (array.minItems ?? 0) > longestRun);
    if (long !== undefined) refuse(`${long.field}.minItems`, `is above ${longestRun}. Ask for less.`);
    const lists = nodes.flatMap(({ array }) => (array.prefixItems === undefined ? [] : [array.prefixItems]));
    const longest = Math.max(0, ...lists.map((list) => list.length));
    const first = Array.from({ length: longest }, (_, index) =>
      this.#shapeOf(
        nodes.flatMap(({ array }) => array.prefixItems?.[index] ?? array.items ?? []),
        field,
      ),
    );
    const rest = this.#shapeOf(
      nodes.flatMap(({ array }) => array.items ?? []),
      field,
    );
    const distinct = nodes.find(({ array }) => array.uniqueItems === true);
    return {
      kind: "array",
      field: distinct === undefined ? field : distinct.field,
      first,
      rest,
      min,
      max: max === Infinity ? null : max,
      distinct: distinct !== undefined,
    };
  }

  #objectForm(nodes: Conjunction): ObjectForm | null {
    const min = Math.max(0, ...nodes.map(({ object }) => object.minProperties ?? 0));
    const max = Math.min(...nodes.map(({ object }) => object.maxProperties ?? Infinity));
    if (min > max) return null;
    const required = new Set(nodes.flatMap(({ object }) => object.required ?? []));
    const allowed = this.#allowedNames(nodes);
    const explicit = nodes.flatMap(({ object }) => object.additionalProperties ?? []);
    const open = explicit.length > 0 || nodes.every(({ object }) => object.properties === undefined);
    const names = new Set([
      ...nodes.flatMap(({ object }) => [...(object.properties?.keys() ?? [])]),
      ...required,
      ...(open ? (allowed ?? []) : []),
    ]);
    const field = nodes[0]?.field ?? "";
    const never: Subschema = { schema: false, field };
    const properties = [...names].map((name) => {
      const asked = nodes.flatMap(
        ({ object }) => object.properties?.get(name) ?? object.additionalProperties ?? [],
      );
      const shape = this.#shapeOf(allowed?.has(name) === false ? [never] : asked, field);
      return { name, shape, required: required.has(name) };
    });
    return {
      kind: "object",
      field,
      properties,
      additional: open && allowed === null ? this.#shapeOf(explicit, field) : null,
      min,
      max: max === Infinity ? null : max,
    };
  }

  /** The names that `propertyNames` lists; null: any. */
  #allowedNames(nodes: Conjunction): ReadonlySet<string> | null {
    const all = nodes.flatMap(({ object }) => object.propertyNames ?? []);
    const alternatives = this.#source.together(all);
    if (alternatives.some((names) => names.every(takesEveryText))) return null;
    const names = alternatives.flatMap((one) => {
      const valued = one.find((node) => node.values !== undefined);
      if (valued === undefined) {
        refuse(
          all[0]?.field ?? "",
          "can be enforced as a list of names (enum) only. List them, or remove it.",
        );
      }
      return this.#valuesTaken(one, new Set(["string"]), valued);
    });
    return new Set(names.filter((name) => typeof name === "string"));
  }
}

function takesEveryText(node: SchemaNode): boolean {
  const { type, values, format } = node;
  return (
    (type?.has("string") ?? true) && values === undefined && format === undefined && !asks({ ...node.text })
  );
}

/** Is any of these keywords there? */
function asks(keywords: object): boolean {
  return Object.values(keywords).some((value) => value !== undefined);
}

/**
 * The types of the values that these take; null: no keyword of theirs says anything. Where no type is named, the
 * keywords tell of which one they speak: a schema of properties is meant for objects.
 */
function typesOf(nodes: Conjunction): ReadonlySet<JsonType> | null {
  const declared = nodes.flatMap(({ type }) => type ?? []);
  if (declared.length > 0) {
    const common = jsonTypes.filter((one) =>
      declared.every((types) => types.has(one) || (one === "integer" && types.has("number"))),
    );
    return new Set(common.filter((one) => one !== "integer" || !common.includes("number")));
  }
  if (nodes.some(({ values }) => values !== undefined)) return new Set(jsonTypes);
  const hinted = new Set<JsonType>();
  for (const { text, format, number, array, object } of nodes) {
    if (asks(text)) hinted.add("string");
    if (format !== undefined) hinted.add(numberFormats.has(format) ? "number" : "string");
    if (asks(number)) hinted.add("number");
    if (asks(array)) hinted.add("array");
    if (asks(object)) hinted.add("object");
  }
  return hinted.size === 0 ? null : hinted;
}

function checkFormats(nodes: Conjunction, type: "string" | "number"): void {
  for (const { format, field } of nodes) {
    if (format === undefined || formatNames.includes(format)) continue;
    refuse(
      `${field}.format`,
      `is ${JSON.stringify(format)}, which cannot be enforced for a ${type}. Remove it, or use one of: ${formatNames.join(", ")}.`,
    );
  }
}

export function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "boolean" || typeof value === "string")
    return value === true || value === false ? "boolean" : "string";
  return "object";
}

/** Equal values, equal texts: names in order. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

/** Runs what reads a pattern; its problems are those of a field. */
function attempt<Made>(who: string, field: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    return refuse(field, `${who === field ? "" : `(${who}) `}${error.message}.`);
  }
}
