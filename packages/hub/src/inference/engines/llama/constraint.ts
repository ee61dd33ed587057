import type { LlamaGrammar, LlamaGrammarEvaluationState } from "node-llama-cpp";
import { InvalidRequest } from "../../errors.ts";

/** The two steps in which the library makes a grammar. */
export interface GrammarCompiler {
  compile(text: string): Promise<LlamaGrammar>;
  begin(grammar: LlamaGrammar): LlamaGrammarEvaluationState;
}

/** Grammars that are kept; a schema is often asked for again. */
const mostKept = 32;
/** Characters of all kept grammars together; a compiled one takes a multiple. */
const mostCharacters = 8_000_000;

/** Turns grammars into what holds one answer to them; keeps those used last. */
export class Constraints {
  readonly #compiler: GrammarCompiler;
  readonly #kept = new Map<string, LlamaGrammar>();
  #characters = 0;

  constructor(compiler: GrammarCompiler) {
    this.#compiler = compiler;
  }

  /** Grammars in memory. */
  get size(): number {
    return this.#kept.size;
  }

  /** Begins an answer. `text` is GBNF. Errors: InvalidRequest where the engine cannot read it. */
  async begin(text: string): Promise<LlamaGrammarEvaluationState> {
    const known = this.#kept.get(text);
    if (known !== undefined) {
      // The last to be given up now.
      this.#kept.delete(text);
      this.#kept.set(text, known);
      return this.#compiler.begin(known);
    }
    try {
      const grammar = await this.#compiler.compile(text);
      const state = this.#compiler.begin(grammar);
      this.#keep(text, grammar);
      return state;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InvalidRequest(
        `The engine cannot follow the grammar that the asked form makes: ${reason}. Use a simpler schema.`,
        { field: "response_format" },
      );
    }
  }

  #keep(text: string, grammar: LlamaGrammar): void {
    this.#kept.set(text, grammar);
    this.#characters += text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept && this.#characters <= mostCharacters) return;
      this.#kept.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
