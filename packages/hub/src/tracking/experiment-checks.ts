import { HearthError } from "../errors.ts";
import { characters, checkKey, maxKeyLength } from "./keys.ts";
import { storableText } from "../storage/storable-text.ts";
import type { Pair } from "./params.ts";

const maxNameLength = 500;
const maxTagLength = 20_000;

/** No id means the default experiment; anything that no experiment can have is said to be so. */
export function experimentId(id: string): string {
  if (id === "") return "0";
  if (/^\d+$/.test(id)) return id.replace(/^0+(?=\d)/, "");
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id)) return id;
  throw new HearthError(
    "invalid_request",
    `Invalid experiment ID '${id.slice(0, 300)}'. Experiment ID must be a valid integer.`,
    { details: { field: "experiment_id" } },
  );
}

/** Throws `invalid_request`, as all checks here. */
export function checkedName(name: string): string {
  if (name === "") throw new HearthError("invalid_request", "Invalid experiment name: ''");
  if (characters(name) > maxNameLength) throw tooLong("name", maxNameLength);
  return storableText(name);
}

/** Where an experiment's artifacts are to be; null for the hub's own place. */
export function checkedLocation(location: string | undefined): string | null {
  if (location === undefined || location === "") return null;
  if (location.startsWith("runs:")) {
    throw new HearthError(
      "invalid_request",
      `Artifact location cannot be a runs:/ URI. Given: '${location.slice(0, 300)}'`,
      { details: { field: "artifact_location" } },
    );
  }
  if (/(^|[/\\])\.\.([/\\?#]|$)/.test(decoded(location)) || location.includes("\0")) {
    throw new HearthError(
      "invalid_request",
      `Invalid artifact_location: '${location.slice(0, 300)}' must not lead upwards with '..'.`,
      { details: { field: "artifact_location" } },
    );
  }
  if (location.length > 256) throw tooLong("artifact_location", 256);
  return location;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Unlike those of runs, these are refused when they are too long. */
export function checkedTag({ key, value }: Pair): Pair {
  checkKey(key, "key", "key");
  if (key.length > maxKeyLength) throw tooLong("key", maxKeyLength);
  if (value.length > maxTagLength && characters(value) > maxTagLength) throw tooLong("value", maxTagLength);
  return { key, value: storableText(value) };
}

function tooLong(field: string, limit: number): HearthError {
  return new HearthError("invalid_request", `'${field}' exceeds the maximum length of ${limit} characters`, {
    details: { field, limit },
  });
}
