/** What is wrong with a text that is no JSON, without the piece of it that V8 quotes: a key may be in it. */
export function jsonProblem(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/, (?:\.{3})?"[^]*is not valid JSON$/, "");
}
