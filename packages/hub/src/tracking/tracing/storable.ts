import { isRawNumber } from "../../lossless-json.ts";
import { storableText } from "../../otlp/otlp.ts";

/** A JSON value whose texts and keys PostgreSQL can hold; see {@link storableText}. */
export function storableValue<T>(value: T): T {
  return replaceTexts(value) as T;
}

function replaceTexts(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(replaceTexts);
  if (typeof value !== "object" || value === null || isRawNumber(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), replaceTexts(item)]),
  );
}
