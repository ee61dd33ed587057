import type { JsonSchema } from "../engine.ts";
import type { Grammar } from "./grammar.ts";
import { arrayExpression } from "./schema/array-rules.ts";
import { deadCause, livingForm, livingShapes } from "./schema/living-shapes.ts";
import { objectExpression } from "./schema/object-rules.ts";
import { checkExclusive } from "./schema/overlap.ts";
import { refuse } from "./schema/refusal.ts";
import { SchemaSource } from "./schema/schema-source.ts";
import { ShapeBuilder } from "./schema/shape-builder.ts";
import type { Form, Shape } from "./schema/shape.ts";
import { checkSize } from "./schema/size-limits.ts";
import { plainExpression } from "./schema/value-rules.ts";

const limits = { rules: 40_000, characters: 4_000_000 };

/**
 * Adds rules for the instances of a JSON Schema (draft 2020-12) and gives the name of the first. Every text of the
 * rule is a valid instance; not every valid instance is a text of it:
 *
 * - properties come in the order of the schema (that of `JSON.parse`: names like array indices first), each once;
 * - where `properties` is given and `additionalProperties` is not, there are no further ones, as in OpenAI's
 *   strict mode; `additionalProperties` true or a schema allows them behind the listed ones;
 * - a schema without `type` takes the types that its keywords speak of;
 * - numbers and white space are limited as in json-rules.ts, some formats are narrower than their standards, and
 *   values of `enum` and `const` are written as JSON.stringify does.
 *
 * Errors: InvalidRequest for whatever a grammar cannot carry; `details.field` is the path of the keyword,
 * beginning with `field`.
 */
export function schemaRule(grammar: Grammar, schema: JsonSchema, field: string): string {
  checkSize(schema, field);
  const source = new SchemaSource(schema, field);
  const { shape, all } = new ShapeBuilder(source).build({ schema, field });
  checkExclusive(source);
  const living = livingShapes(all);
  if (!living.has(shape)) {
    refuse(
      deadCause(shape, living).field,
      "has no valid value that ends: its keywords contradict each other, or it must hold itself. Correct it.",
    );
  }
  return new ShapeRules(grammar, living, field).rule(shape);
}

class ShapeRules {
  readonly #grammar: Grammar;
  readonly #living: ReadonlySet<Shape>;
  readonly #field: string;
  readonly #names = new Map<Shape, string>();
  readonly #pending: Shape[] = [];

  constructor(grammar: Grammar, living: ReadonlySet<Shape>, field: string) {
    this.#grammar = grammar;
    this.#living = living;
    this.#field = field;
  }

  rule(shape: Shape): string {
    const name = this.#nameOf(shape);
    const before = { rules: this.#grammar.rules, characters: this.#grammar.characters };
    for (let at = this.#pending.pop(); at !== undefined; at = this.#pending.pop()) {
      this.#grammar.define(this.#nameOf(at), this.#expression(at));
      const rules = this.#grammar.rules - before.rules;
      const characters = this.#grammar.characters - before.characters;
      if (rules > limits.rules || characters > limits.characters) {
        refuse(
          this.#field,
          `makes a grammar of more than ${limits.rules} rules. Use smaller lists, patterns and counts.`,
        );
      }
    }
    return name;
  }

  /** The name of a shape's rule, which is defined in its turn. */
  #nameOf(shape: Shape): string {
    const known = this.#names.get(shape);
    if (known !== undefined) return known;
    const name = this.#grammar.reserve(lastStep(shape.field));
    this.#names.set(shape, name);
    this.#pending.push(shape);
    return name;
  }

  #expression(shape: Shape): string {
    const hint = lastStep(shape.field);
    const forms = shape.forms.flatMap((form) => livingForm(form, this.#living) ?? []);
    const expressions = forms.map((form) => this.#formExpression(form, hint));
    return [...new Set(expressions)].join(" | ");
  }

  #formExpression(form: Form, hint: string): string {
    const ruleOf = (shape: Shape): string => this.#nameOf(shape);
    if (form.kind === "object") return objectExpression(this.#grammar, form, hint, ruleOf);
    if (form.kind === "array") return arrayExpression(this.#grammar, form, hint, ruleOf);
    return plainExpression(this.#grammar, hint, form);
  }
}

function lastStep(field: string): string {
  return field.slice(field.lastIndexOf(".") + 1);
}
