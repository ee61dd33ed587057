import { longestRun } from "../repetition.ts";
import { checkFormat, numberFormats } from "./formats.ts";
import { canonical, typeOf } from "./json-value.ts";
import { numberForm, numberTaken } from "./number-forms.ts";
import { refuse } from "./refusal.ts";
import { jsonTypes } from "./schema-node.ts";
import type { JsonType, SchemaNode, Subschema } from "./schema-node.ts";
import type { Conjunction, SchemaSource } from "./schema-source.ts";
import type { ArrayForm, Form, ObjectForm, Shape } from "./shape.ts";
import { TextForms } from "./text-forms.ts";

const limits = { shapes: 5000 };

/** Makes shapes out of schemas: types, merged keywords, automata. Errors of all methods: InvalidRequest. */
export class ShapeBuilder {
  readonly #source: SchemaSource;
  readonly #shapes = new Map<string, Shape>();
  readonly #pending: (() => void)[] = [];
  readonly #texts = new TextForms();

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
        for (const node of nodes) checkFormat(node);
        return numberForm(nodes, type === "integer");
      case "string":
        return this.#texts.form(nodes);
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
    return fits && this.#texts.searches(nodes)[0]?.every((search) => search.test(value)) !== false;
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
