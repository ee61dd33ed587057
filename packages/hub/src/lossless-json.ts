/**
 * A number that JavaScript would not write as it was read: an integer beyond 2^53, or a whole number that
 * was written as a fraction (`1.0`). JSON.stringify writes it out unchanged.
 */
export interface RawNumber {
  readonly rawJSON: string;
}

/** What the language has and its type library does not yet. */
interface LosslessJson {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
const json: LosslessJson = JSON as unknown as LosslessJson;

const integerPattern = /^-?\d+$/;

/** A number in the words of JSON; `text` must be one. */
export function rawNumber(text: string): RawNumber {
  return json.rawJSON(text);
}

export function isRawNumber(value: unknown): value is RawNumber {
  return json.isRawJSON(value);
}

/** An integer as a plain number where that is exact, else as a {@link RawNumber}. */
export function exactInteger(value: bigint): number | RawNumber {
  const plain = Number(value);
  return Number.isSafeInteger(plain) ? plain : rawNumber(value.toString());
}

/** A double that is still one when it is read again: `1` becomes `1.0`. Not for NaN and infinities. */
export function exactDouble(value: number): number | RawNumber {
  return Number.isInteger(value) ? rawNumber(wholeDouble(value)) : value;
}

/** Python and JavaScript read `1e+21` as a double; below that only the point tells it from an integer. */
function wholeDouble(value: number): string {
  const text = JSON.stringify(value);
  if (Object.is(value, -0)) return "-0.0";
  return text.includes("e") ? text : `${text}.0`;
}

/** True for one that was written as an integer: `1`, not `1.0`. */
export function isInteger(value: number | RawNumber): boolean {
  return typeof value === "number" ? Number.isInteger(value) : integerPattern.test(value.rawJSON);
}

/** JSON whose numbers are written back as they were: those that a plain number cannot keep become {@link RawNumber}. */
export function parseLossless(text: string): unknown {
  return /[:[,]\s*-?(?:\d{16}|\d+[.eE])/.test(text) || isNumber(text) ? revive(text) : JSON.parse(text);
}

/** Integers of sixteen and more digits outside of strings; strings are matched so that they are passed over. */
const largeIntegerOrString = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d{16,}(?![\d.eE])/g;

/**
 * JSON in which integers of sixteen and more digits are read as strings, for readers that take both: many
 * times as fast as {@link parseLossless}.
 */
export function parseLargeIntegersAsText(text: string): unknown {
  if (!/[:[,]\s*-?\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(
    text.replaceAll(largeIntegerOrString, (token) => (token.startsWith('"') ? token : `"${token}"`)),
  );
}

/** A document that is one number has nothing before it. */
function isNumber(text: string): boolean {
  return /^\s*-?\d/.test(text);
}

/** The reviver costs several times the parse; few documents hold a number that needs it. */
function revive(text: string): unknown {
  return json.parse(text, (_key, value, { source }) => {
    if (typeof value !== "number" || source === undefined || !Number.isInteger(value)) return value;
    return Number.isSafeInteger(value) && integerPattern.test(source) ? value : rawNumber(source);
  });
}

/** JSON in the layout of Python's `json.dumps`, `{"a": [1, 2]}`: clients compare some texts letter by letter. */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null || isRawNumber(value))
    return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spacedJson(item)}`);
  return `{${entries.join(", ")}}`;
}
