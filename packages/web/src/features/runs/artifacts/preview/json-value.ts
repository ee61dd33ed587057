/** A number that would be another one in JavaScript, as it is written. */
export class SourceNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}

/**
 * What a JSON text says; undefined when it is none. Numbers of more digits than JavaScript's have come as
 * {@link SourceNumber}.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, asWritten);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Browsers since 2023 give the source of a value to a reviver; in others numbers are what JavaScript makes of them. */
function asWritten(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  return sameNumber(source, value) ? value : new SourceNumber(source);
}

/** Compares digits: `1.0` and `1` are one number, `9007199254740993` and `9007199254740992` are not. */
function sameNumber(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  return source.replaceAll(/\D/g, "").length <= 15 || String(value) === source;
}
