import type { JsonSchema } from "../../engine.ts";
import { refuse } from "./refusal.ts";
import { isObject, readNode } from "./schema-node.ts";
import type { SchemaNode, Subschema } from "./schema-node.ts";

/** Schemas that must all hold; none: anything goes. */
export type Conjunction = readonly SchemaNode[];

const mostAlternatives = 500;
const mostPairs = 4 * mostAlternatives;
const mostNodes = 5000;
const longestChain = 200;

/** A schema with its references, read piece by piece as it is asked for. */
export class SchemaSource {
  readonly #root: JsonSchema;
  readonly #field: string;
  readonly #nodes = new Map<object, SchemaNode>();
  readonly #expanded = new Map<SchemaNode, readonly Conjunction[]>();
  readonly #inProgress = new Set<SchemaNode>();
  /** Every `oneOf` that was come across: of its schemas no two may have a value in common. */
  readonly exclusive = new Map<string, readonly Subschema[]>();

  constructor(root: JsonSchema, field: string) {
    this.#root = root;
    this.#field = field;
  }

  /**
   * The schemas of which at least one must hold, each without references, `allOf`, `anyOf` and `oneOf`: a value is
   * valid when all nodes of one of them take it. No alternative: nothing is valid.
   */
  alternatives({ schema, field }: Subschema): readonly Conjunction[] {
    if (schema === true) return [[]];
    if (schema === false) return [];
    const node = this.node(schema, field);
    const known = this.#expanded.get(node);
    if (known !== undefined) return known;
    if (this.#inProgress.has(node)) {
      refuse(node.field, "refers to itself without a property or an element in between. Break the circle.");
    }
    if (this.#inProgress.size >= longestChain) {
      refuse(
        node.field,
        `is reached through more than ${longestChain} references in a row. Refer to it directly.`,
      );
    }
    this.#inProgress.add(node);
    const alternatives = this.#expand(node);
    this.#inProgress.delete(node);
    this.#expanded.set(node, alternatives);
    return alternatives;
  }

  /** What is valid for all of these. */
  together(all: readonly Subschema[]): readonly Conjunction[] {
    let alternatives: readonly Conjunction[] = [[]];
    for (const one of all) alternatives = combine(alternatives, this.alternatives(one), one.field);
    return alternatives;
  }

  #expand(node: SchemaNode): readonly Conjunction[] {
    let alternatives: readonly Conjunction[] = [node.asks ? [node] : []];
    const also = (more: readonly Conjunction[], field: string): void => {
      alternatives = combine(alternatives, more, field);
    };
    if (node.reference !== undefined) {
      also(this.alternatives(this.resolve(node.reference, node.field)), `${node.field}.$ref`);
    }
    for (const one of node.allOf) also(this.alternatives(one), one.field);
    if (node.anyOf !== undefined) also(this.#anyOf(node.anyOf), `${node.field}.anyOf`);
    if (node.oneOf !== undefined) {
      also(this.#anyOf(node.oneOf), `${node.field}.oneOf`);
      this.exclusive.set(`${node.field}.oneOf`, node.oneOf);
    }
    return alternatives;
  }

  #anyOf(schemas: readonly Subschema[]): Conjunction[] {
    return schemas.flatMap((one) => this.alternatives(one));
  }

  /** The keywords of one schema object. */
  node(schema: Exclude<JsonSchema, boolean>, field: string): SchemaNode {
    const known = this.#nodes.get(schema);
    if (known !== undefined) return known;
    if (this.#nodes.size >= mostNodes) refuse(field, `is one schema too many: the most are ${mostNodes}.`);
    const node = readNode(schema, field, this.#nodes.size, schema === this.#root);
    this.#nodes.set(schema, node);
    return node;
  }

  /** What a node refers to: RFC 6901 pointers into the same document. */
  resolve(reference: string, from: string): Subschema {
    const field = `${from}.$ref`;
    if (reference !== "#" && !reference.startsWith("#/")) {
      refuse(
        field,
        `is ${JSON.stringify(reference)}. Only references into the same schema work: "#" or "#/$defs/…".`,
      );
    }
    const steps = reference.split("/").slice(1).map(pointerStep);
    let at: unknown = this.#root;
    for (const step of steps) at = childOf(at, step);
    if (typeof at !== "boolean" && !isObject(at)) {
      refuse(
        field,
        `is ${JSON.stringify(reference)}, where there is no schema. Add it there, for example under $defs.`,
      );
    }
    return { schema: at, field: [this.#field, ...steps].join(".") };
  }
}

/** Every pair of one alternative from each side, the same ones once. */
function combine(
  some: readonly Conjunction[],
  others: readonly Conjunction[],
  field: string,
): readonly Conjunction[] {
  if (some.length * others.length > mostPairs) refuseCombinations(field);
  const unique = new Map<string, Conjunction>();
  for (const one of some) {
    for (const other of others) {
      const nodes = other.length === 0 ? one : [...new Set([...one, ...other])];
      unique.set(nodes.map(({ id }) => id).join(), nodes);
    }
  }
  return unique.size > mostAlternatives ? refuseCombinations(field) : [...unique.values()];
}

function refuseCombinations(field: string): never {
  return refuse(
    field,
    `makes more than ${mostAlternatives} combinations of alternatives. Use fewer anyOf and oneOf beside each other.`,
  );
}

function pointerStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return step;
  }
}

function childOf(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
