import { posix } from "node:path";
import { HearthError } from "../errors.ts";

/** MLflow's limits. Values that are longer are cut, keys are refused. */
export const maxKeyLength = 250;
export const maxParamLength = 6000;
export const maxTagLength = 8000;

const allowed = /^[/\p{L}\p{N}_.\- :]*$/u;
const plain = /^[A-Za-z_][\w\- :]*(\.[A-Za-z_][\w\- :]*)*$/;

/**
 * Checks the key of a metric, a parameter or a tag as MLflow does, in the words that its clients show: keys
 * may become names of files, so they must be plain paths. `place` is where the request has it, such as
 * `metrics[3].name`.
 *
 * @throws HearthError `invalid_request`
 */
export function checkKey(key: string, place: string, noun: string): void {
  if (plain.test(key) && key.length <= maxKeyLength) return;
  if (!allowed.test(key)) {
    throw badKey(
      key,
      place,
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  }
  if (!isPlainPath(key)) {
    const path = posix.normalize(key).replace(/(?<=.)\/$/, "");
    throw badKey(
      key,
      place,
      "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. " +
        `This name would resolve to '${path.slice(0, 300)}'`,
    );
  }
  if (characters(key) > maxKeyLength) {
    throw new HearthError(
      "invalid_request",
      `'${noun}' exceeds the maximum length of ${maxKeyLength} characters`,
      { details: { field: place, limit: maxKeyLength } },
    );
  }
}

function isPlainPath(key: string): boolean {
  return (
    !key.startsWith("/") &&
    !key.startsWith("..") &&
    key.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

function badKey(key: string, place: string, reason: string): HearthError {
  return new HearthError(
    "invalid_request",
    `Invalid value ${JSON.stringify(key.slice(0, 300))} for parameter '${place}' supplied: ${reason}`,
    { details: { field: place } },
  );
}

/** Both databases keep what this gives back: no NUL and no half of a surrogate pair. */
export function storableText(value: string): string {
  return value.isWellFormed() && !value.includes("\0")
    ? value
    : value.toWellFormed().replaceAll("\0", "\u{FFFD}");
}

/** At most `limit` characters (code points, as MLflow counts) of a text, storable. */
export function cutText(value: string, limit: number): string {
  const text = storableText(value);
  if (text.length <= limit) return text;
  return Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join("");
}

/** Code points of a text. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
