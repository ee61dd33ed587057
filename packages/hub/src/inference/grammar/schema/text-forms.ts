import { PatternProblem } from "../pattern/parse-pattern.ts";
import { SearchAutomaton } from "../pattern/search-automaton.ts";
import { textAutomaton } from "../pattern/text-automaton.ts";
import type { LengthWindow, TextAutomaton } from "../pattern/text-automaton.ts";
import { longestRun } from "../repetition.ts";
import { checkFormat, formatExpressions } from "./formats.ts";
import { refuse } from "./refusal.ts";
import type { Conjunction } from "./schema-source.ts";
import type { Form } from "./shape.ts";
import { keptForms } from "./kept-forms.ts";

/** All patterns of one schema together. */
const mostStates = 20_000;
/** Numbers of ways to choose among wider and narrower expressions of several formats. */
const mostChoices = 16;

/** A pattern or a format, and the expressions that stand for it: the first wherever it can be counted. */
interface Asked {
  field: string;
  expressions: readonly string[];
}

/** Makes forms of texts; equal patterns are built once. Errors of all methods: InvalidRequest. */
export class TextForms {
  readonly #searches = new Map<string, SearchAutomaton>();
  readonly #forms = new Map<string, Form | null>();
  #states = 0;

  /** The texts that all of these take; null when there are none. */
  form(nodes: Conjunction): Form | null {
    const min = Math.max(0, ...nodes.map(({ text }) => text.minLength ?? 0));
    const max = Math.min(...nodes.map(({ text }) => text.maxLength ?? Infinity));
    if (min > max) return null;
    const long = nodes.find(({ text }) => (text.minLength ?? 0) > longestRun);
    if (long !== undefined) refuse(`${long.field}.minLength`, `is above ${longestRun}. Ask for less.`);
    const window = { min, max: max === Infinity ? null : max };
    const asked = askedOf(nodes);
    if (asked.length === 0) return { kind: "text", ...window };
    const key = JSON.stringify([window, asked.map(({ expressions }) => expressions[0])]);
    const known = this.#forms.get(key) ?? keptForms.get(key);
    if (known !== undefined) return known;
    const automaton = this.#automaton(nodes, asked, window);
    const form: Form | null = automaton === null ? null : { kind: "pattern", key, automaton };
    this.#forms.set(key, form);
    keptForms.keep(key, form);
    return form;
  }

  /** Automata of all patterns and formats: with the widest expressions first. */
  searches(nodes: Conjunction): SearchAutomaton[][] {
    const asked = askedOf(nodes);
    return choices(asked).map((sources) =>
      sources.map((source, index) => this.#search(source, asked[index]?.field ?? "")),
    );
  }

  #automaton(nodes: Conjunction, asked: readonly Asked[], window: LengthWindow): TextAutomaton | null {
    const fields = asked.map(({ field }) => field);
    let problem: PatternProblem | null = null;
    let automaton: TextAutomaton | null = null;
    for (const searches of this.searches(nodes)) {
      try {
        automaton = textAutomaton(searches, window);
        problem = null;
      } catch (error) {
        if (!(error instanceof PatternProblem)) throw error;
        problem = error;
      }
      if (automaton !== null) break;
    }
    if (problem !== null) {
      refuse(
        fields[0] ?? "",
        `${fields.length > 1 ? `(with ${fields.slice(1).join(", ")}) ` : ""}${problem.message}.`,
      );
    }
    this.#states += automaton?.length ?? 0;
    if (this.#states > mostStates) {
      refuse(
        fields[0] ?? "",
        `is one pattern too many: all together take more than ${mostStates} rules. Simplify some.`,
      );
    }
    return automaton;
  }

  #search(source: string, field: string): SearchAutomaton {
    const known = this.#searches.get(source);
    if (known !== undefined) return known;
    try {
      const search = new SearchAutomaton(source);
      this.#searches.set(source, search);
      return search;
    } catch (error) {
      if (!(error instanceof PatternProblem)) throw error;
      return refuse(field, `${error.message}. Write it in another way, or remove it.`);
    }
  }
}

function askedOf(nodes: Conjunction): Asked[] {
  const asked = new Map<string, Asked>();
  for (const node of nodes) {
    checkFormat(node);
    const { pattern } = node.text;
    if (pattern !== undefined)
      asked.set(`pattern ${pattern}`, { field: `${node.field}.pattern`, expressions: [pattern] });
    const expressions = node.format === undefined ? [] : formatExpressions(node.format);
    if (expressions.length > 0)
      asked.set(`format ${node.format}`, { field: `${node.field}.format`, expressions });
  }
  return [...asked.values()];
}

/** One expression of each, in every way, the widest first. */
function choices(asked: readonly Asked[]): string[][] {
  let all: string[][] = [[]];
  for (const { expressions } of asked) {
    all = all
      .flatMap((chosen) => expressions.map((expression) => [...chosen, expression]))
      .slice(0, mostChoices);
  }
  return all;
}
