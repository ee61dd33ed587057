import { isRawNumber } from "../../lossless-json.ts";
import { storableText } from "../../storage/storable-text.ts";
import { invalid } from "./errors.ts";

/** What reads it later recurses as deep. */
const maxDepth = 64;

/**
 * A JSON value whose texts and keys PostgreSQL can hold; see {@link storableText}.
 *
 * @throws HearthError `invalid_request` for one that is nested deeper than 64 levels.
 */
export function storableValue<T>(value: T): T {
  return replaceTexts(value, 0) as T;
}

function replaceTexts(value: unknown, depth: number): unknown {
  if (typeof value === "string") return storableText(value);
  if (typeof value !== "object" || value === null || isRawNumber(value)) return value;
  if (depth >= maxDepth) throw invalid(`A value is nested deeper than ${maxDepth} levels.`);
  if (Array.isArray(value)) return value.map((item) => replaceTexts(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), replaceTexts(item, depth + 1)]),
  );
}
