import type { Tool } from "../engine.ts";
import type { Grammar } from "../grammar/grammar.ts";
import type { CharacterSource, Reading } from "./character-source.ts";

/** Where a reader puts the calls that it finds. What the source holds is committed by both functions. */
export interface CallSink {
  /** The tools that the model was told of, by name. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** A call begins; nothing of it is plain text any more. */
  start(name: string): void;
  /** More of the JSON text of the last call's arguments. */
  arguments(text: string): void;
}

/** The same for a reader of whole answers. */
export interface AnswerSink extends CallSink {
  text(text: string): void;
  thoughts(text: string): void;
  beginThoughts(): void;
  endThoughts(): void;
}

/** A tool that a grammar may let the model call. */
export interface GrammarTool {
  tool: Tool;
  /** Where its parameters stand in the request, for messages: `tools[0].function.parameters`. */
  field: string;
}

/** How a family of models writes calls of tools into its text, and how they are read out of it again. */
export interface CallSyntax {
  readonly name: string;
  /** What begins calls anywhere in a text; none is the beginning of another. */
  readonly openings: readonly string[];
  /** May an answer that begins with `{` be a call? */
  readonly bare: boolean;
  /** Everything that models have as a control token here and that a reader has to see as text. */
  readonly markers: readonly string[];
  /** A call as the model writes it. `args`: JSON text of an object. */
  write(name: string, args: string): string;
  /**
   * Reads calls; the opening (for a bare call, nothing) was taken. False: that was no call, and what the
   * source holds is plain text. What follows the calls is left in the source. Null: the whole answer is read by
   * rules of its own.
   */
  read: ((source: CharacterSource, calls: CallSink) => Reading<boolean>) | null;
  /** A GBNF expression for one call, or with `many` for one and more. */
  grammar(grammar: Grammar, tools: readonly GrammarTool[], many: boolean): string;
}
