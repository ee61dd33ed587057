import type { TextAutomaton } from "../pattern/text-automaton.ts";

/** The valid values at one place of a schema: those of any of its forms. */
export interface Shape {
  /** Where it was first asked for. */
  field: string;
  forms: Form[];
}

/** Valid values of one type. */
export type Form =
  | { kind: "anything" }
  | { kind: "values"; values: readonly unknown[] }
  | { kind: "boolean" }
  | { kind: "null" }
  | { kind: "text"; min: number; max: number | null }
  | PatternForm
  | NumberForm
  | MultipleForm
  | ObjectForm
  | ArrayForm;

export interface PatternForm {
  kind: "pattern";
  /** Equal keys, equal automata. */
  key: string;
  automaton: TextAutomaton;
}

export interface NumberForm {
  kind: "number";
  /** GBNF; null: any number. */
  expression: string | null;
}

/** Whole numbers that are multiples of another one. */
export interface MultipleForm {
  kind: "multiple";
  of: number;
  negative: boolean;
  zero: boolean;
}

export interface ObjectForm {
  kind: "object";
  field: string;
  properties: readonly { name: string; shape: Shape; required: boolean }[];
  /** Any number of further properties; null: none. */
  additional: Shape | null;
  min: number;
  max: number | null;
}

export interface ArrayForm {
  kind: "array";
  field: string;
  /** What the first elements are. */
  first: readonly Shape[];
  /** What the others are. */
  rest: Shape;
  min: number;
  max: number | null;
  /** No element twice. */
  distinct: boolean;
}
