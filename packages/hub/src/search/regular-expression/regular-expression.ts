import { refusal, shown } from "../refusal.ts";
import { Matcher } from "./matcher.ts";
import { parseExpression } from "./parse.ts";
import { toPostgres } from "./postgres.ts";
import { compileProgram, maxSteps } from "./program.ts";

/** An expression that every database matches alike, in time linear in the text. */
export interface RegularExpression {
  /** As it was written. */
  source: string;
  /** As PostgreSQL reads it. */
  postgres: string;
}

/**
 * Checks an expression; what it may consist of is said at `parseExpression`.
 *
 * @throws HearthError `invalid_request`
 */
export function parseRegularExpression(source: string): RegularExpression {
  const node = parseExpression(source);
  if (compileProgram(node) === undefined) throw tooLong(source);
  return { source, postgres: toPostgres(node) };
}

/** A few: one statement asks about one expression for every row. */
const capacity = 16;
const matchers = new Map<string, Matcher>();

/**
 * Whether there is a match anywhere in the text. What SQLite calls for `text REGEXP source`.
 *
 * @throws HearthError `invalid_request`
 */
export function matchesExpression(source: string, text: string): boolean {
  const known = matchers.get(source);
  if (known !== undefined) return known.matches(text);
  const program = compileProgram(parseExpression(source));
  if (program === undefined) throw tooLong(source);
  const matcher = new Matcher(program);
  for (const oldest of matchers.keys()) {
    if (matchers.size < capacity) break;
    matchers.delete(oldest);
  }
  matchers.set(source, matcher);
  return matcher.matches(text);
}

function tooLong(source: string) {
  return refusal(
    `Invalid regular expression '${shown(source)}': written out it has more than ${maxSteps} steps; use smaller counts.`,
  );
}
