import { characterClass, literal } from "../grammar.ts";
import type { Grammar } from "../grammar.ts";
import { breakRule, colon, jsonCharacterRule, jsonObjectRule } from "../json-rules.ts";
import { characterSet, complement, holds, intersection, plainCharacters } from "../pattern/character-set.ts";
import { repeated } from "../repetition.ts";
import { refuse } from "./refusal.ts";
import type { ObjectForm, Shape } from "./shape.ts";

const mostRules = 5000;

/**
 * An expression for the objects of this form: listed properties in their order, each at most once, then further
 * ones. `ruleOf` gives the rule of a property's values.
 */
export function objectExpression(
  grammar: Grammar,
  form: ObjectForm,
  hint: string,
  ruleOf: (shape: Shape) => string,
): string {
  const { properties, additional, min, max } = form;
  if (properties.length === 0 && additional?.forms[0]?.kind === "anything" && min === 0 && max === null) {
    return jsonObjectRule(grammar);
  }
  return new ObjectRules(grammar, form, hint, ruleOf).expression();
}

/**
 * Every rule belongs to a place in the list and to the number of properties written so far, counted only where it
 * matters. They are made from the end, so that no recursion is as deep as a list is long.
 */
class ObjectRules {
  readonly #grammar: Grammar;
  readonly #form: ObjectForm;
  readonly #hint: string;
  readonly #ruleOf: (shape: Shape) => string;
  readonly #space: string;
  readonly #min: number;
  readonly #max: number;
  readonly #lastCount: number;

  constructor(grammar: Grammar, form: ObjectForm, hint: string, ruleOf: (shape: Shape) => string) {
    this.#grammar = grammar;
    this.#form = form;
    this.#hint = hint;
    this.#ruleOf = ruleOf;
    this.#space = breakRule(grammar);
    const { properties, additional } = form;
    const required = properties.filter((property) => property.required).length;
    this.#min = form.min <= required ? 0 : form.min;
    this.#max =
      form.max !== null && (additional !== null || form.max < properties.length) ? form.max : Infinity;
    this.#lastCount = Number.isFinite(this.#max) ? this.#max : this.#min;
    if (additional !== null && this.#min > 1) {
      refuse(
        `${form.field}.minProperties`,
        "can be enforced above 1 only for listed properties: a model may write the same further name twice. Name them in required, or forbid further ones with additionalProperties: false.",
      );
    }
    if ((this.#lastCount + 1) * (properties.length + 1) > mostRules && this.#lastCount > 0) {
      const keyword = form.max === null ? "minProperties" : "maxProperties";
      refuse(
        `${form.field}.${keyword}`,
        "is too large to be counted by a grammar. Ask for less, or remove it.",
      );
    }
  }

  expression(): string {
    const { properties } = this.#form;
    const counts = Array.from({ length: this.#lastCount + 1 }, (_, count) => count);
    let names: (string | null)[] = counts.map((count) => this.#further(count));
    let rests = counts.map((count) => this.#furtherRest(count));
    let required = 0;
    for (const property of properties.toReversed()) {
      const [laterNames, laterRests] = [names, rests];
      required += property.required ? 1 : 0;
      const value = `${literal(JSON.stringify(property.name).slice(1))} ${colon} ${this.#ruleOf(property.shape)}`;
      names = counts.map((count) => {
        const rest = this.#mayGoOn(count) ? laterRests[this.#after(count)] : null;
        const alternatives = rest === null ? [] : [`${value} ${rest}`];
        const skipped = property.required ? null : (laterNames[count] ?? null);
        if (skipped !== null) alternatives.push(skipped);
        return this.#alternatives(alternatives);
      });
      rests = names.map((name, count) => this.#rest(name, required === 0 && count >= this.#min));
    }
    const [name = null] = names;
    if (name === null) return `"{" ${this.#space} "}"`;
    const members = `"\\"" ${name} ${this.#space}`;
    return `"{" ${this.#space} ${required === 0 && this.#min === 0 ? `(${members})?` : members} "}"`;
  }

  #mayGoOn(count: number): boolean {
    return count < this.#max;
  }

  /** The count after one more; without a largest number it stays at the smallest. */
  #after(count: number): number {
    return Math.min(count + 1, this.#lastCount);
  }

  /** Behind the quote of a name: a property that is not listed, and more of them. Null: there may be none. */
  #further(count: number): string | null {
    const pair = this.#furtherPair();
    if (pair === null || !this.#mayGoOn(count)) return null;
    const rest = this.#furtherRest(this.#after(count));
    return rest === null ? null : this.#grammar.add(this.#hint, `${pair} ${rest}`);
  }

  #furtherRest(count: number): string | null {
    const pair = this.#furtherPair();
    if (pair === null) return count >= this.#min ? '""' : null;
    const more = this.#grammar.shared(`${pair} more`, () => `"," ${this.#space} "\\"" ${pair}`);
    const most = Number.isFinite(this.#max) ? this.#max - count : null;
    return this.#grammar.add(this.#hint, repeated(this.#grammar, more, Math.max(0, this.#min - count), most));
  }

  #furtherPair(): string | null {
    const { additional, properties } = this.#form;
    if (additional === null) return null;
    const name = otherNames(
      this.#grammar,
      properties.map((property) => property.name),
    );
    const value = this.#ruleOf(additional);
    return this.#grammar.shared(`${name} ${value} pair`, () => `${name} ${colon} ${value}`);
  }

  /** What follows a property: more of them, or the end. Null: the object cannot be finished from here. */
  #rest(name: string | null, mayEnd: boolean): string | null {
    const alternatives = name === null ? [] : [`"," ${this.#space} "\\"" ${name}`];
    if (mayEnd) alternatives.push('""');
    return this.#alternatives(alternatives);
  }

  #alternatives(alternatives: readonly string[]): string | null {
    if (alternatives.length === 0) return null;
    return this.#grammar.add(this.#hint, alternatives.join(" | "));
  }
}

/**
 * The rule of all names but these, behind the opening quote and with the closing one. Where any are listed the
 * others have no escapes, or a listed one could come back in disguise.
 */
function otherNames(grammar: Grammar, listed: readonly string[]): string {
  if (listed.length === 0) return grammar.shared("any-name", () => `${jsonCharacterRule(grammar)}* "\\""`);
  const plain = String.raw`[\x20-\x21\x23-\x5B\x5D-\uD7FF\uE000-\U0010FFFF]`;
  const anyEnd = grammar.shared("plain-name", () => `${plain}* "\\""`);
  return grammar.shared(`names but ${JSON.stringify(listed)}`, () => {
    const start: NameTree = { next: new Map(), whole: false };
    for (const name of listed) {
      let at = start;
      for (const character of name) {
        const code = character.codePointAt(0) ?? 0;
        const next = at.next.get(code) ?? { next: new Map(), whole: false };
        at.next.set(code, next);
        at = next;
      }
      at.whole = true;
    }
    return otherNamesExpression(grammar, start, anyEnd);
  });
}

/** The beginnings that listed names have in common. */
interface NameTree {
  next: Map<number, NameTree>;
  /** A listed name ends here. */
  whole: boolean;
}

function otherNamesExpression(grammar: Grammar, { next, whole }: NameTree, anyEnd: string): string {
  const listed = characterSet([...next.keys()].map((code) => [code, code]));
  const alternatives = [`${characterClass(intersection(plainCharacters, complement(listed)))} ${anyEnd}`];
  for (const [code, tree] of next) {
    if (!holds(plainCharacters, code)) continue;
    const rule = grammar.add("other-name", otherNamesExpression(grammar, tree, anyEnd));
    alternatives.push(`${characterClass([[code, code]])} ${rule}`);
  }
  if (!whole) alternatives.push('"\\""');
  return alternatives.join(" | ");
}
