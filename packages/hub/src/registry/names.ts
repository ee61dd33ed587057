import { posix } from "node:path";
import type { Stage } from "../storage/tables/registry.ts";
import { HearthError } from "../errors.ts";

/** A tag of a model or of a version. */
export interface Pair {
  key: string;
  value: string;
}

/** Longer names fit no index of PostgreSQL. */
const maxNameLength = 256;
const maxAliasLength = 255;
const maxKeyLength = 250;
const maxValueLength = 100_000;
const maxTextLength = 1_000_000;

export const stages: readonly Stage[] = ["None", "Staging", "Production", "Archived"];

/** The rules of MLflow for names, in the words that its clients know. Each throws `invalid_request`. */
export function checkModelName(name: string, field = "name"): string {
  if (name.trim() === "") throw missing(field);
  if (/[/:]/.test(name))
    throw refused(field, `Invalid model name '${shown(name)}'. Names cannot contain '/' or ':'.`);
  if (name === "." || name === "..") throw notPlain(field, name, name);
  if (characters(name) > maxNameLength) throw tooLong(field, maxNameLength);
  return storable(field, name);
}

export function checkAlias(alias: string): string {
  if (alias === "") throw refused("alias", "Registered model alias name cannot be empty.");
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw refused(
      "alias",
      `Invalid alias name: '${shown(alias)}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if (characters(alias) > maxAliasLength) throw tooLong("Registered model alias name", maxAliasLength);
  return alias;
}

/** `latest` and `v3` mean versions already. */
export function checkNewAlias(alias: string): string {
  checkAlias(alias);
  if (alias.toLowerCase() === "latest")
    throw refused("alias", "'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw refused("alias", `Version alias name '${alias}' is reserved.`);
  return alias;
}

/** Versions are numbers that travel as text. */
export function versionNumber(version: string): number {
  const text = version.trim();
  if (!/^[+-]?\d{1,15}$/.test(text))
    throw refused("version", `Parameter 'version' must be an integer, got '${shown(version)}'.`);
  return Number(text);
}

/** Any case in, canonical out. */
export function canonicalStage(stage: string): Stage {
  const found = stages.find((candidate) => candidate.toLowerCase() === stage.toLowerCase());
  if (found !== undefined) return found;
  throw refused(
    "stage",
    `Invalid Model Version stage: ${shown(stage)}. Value must be one of ${stages.join(", ")}.`,
  );
}

/** Checked tags; the last one of a key counts. */
export function checkTags(tags: readonly Pair[]): Pair[] {
  const last = new Map<string, Pair>();
  for (const { key, value } of tags) {
    checkTagKey(key);
    if (characters(key) > maxKeyLength) throw tooLong("key", maxKeyLength);
    if (value.length > maxValueLength && characters(value) > maxValueLength) {
      if (key === "mlflow.prompt.text") {
        throw refused("value", `Prompt text exceeds max length of ${maxValueLength} characters.`);
      }
      throw tooLong("value", maxValueLength);
    }
    last.set(key, { key, value: storable("value", value) });
  }
  return [...last.values()];
}

export function checkTagKey(key: string): string {
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    throw wrong(
      "key",
      key,
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  }
  const path = posix.normalize(key).replace(/(?<=.)\/$/, "");
  if (path !== key || path === "." || path.startsWith("..") || path.startsWith("/"))
    throw notPlain("key", key, path);
  return key;
}

/** A text of any length that both databases can keep. */
export function checkText(field: string, text: string): string {
  if (text.length > maxTextLength) throw tooLong(field, maxTextLength);
  return storable(field, text);
}

/** PostgreSQL's text holds no NUL, and half of a surrogate pair is no text at all. */
function storable(field: string, text: string): string {
  if (!text.includes("\0") && text.isWellFormed()) return text;
  throw wrong(field, text, "It has a NUL character or half of a surrogate pair; remove it.");
}

function shown(text: string): string {
  return text.slice(0, 300);
}

export function refused(field: string, message: string): HearthError {
  return new HearthError("invalid_request", message, { details: { field } });
}

function missing(field: string): HearthError {
  return refused(
    field,
    `Missing value for required parameter '${field}'. See the API docs for more information about request parameters.`,
  );
}

function tooLong(field: string, limit: number): HearthError {
  return refused(field, `'${field}' exceeds the maximum length of ${limit} characters`);
}

function notPlain(field: string, name: string, path: string): HearthError {
  return wrong(
    field,
    name,
    "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. " +
      `This name would resolve to '${shown(path)}'`,
  );
}

function wrong(field: string, value: string, reason: string): HearthError {
  return refused(
    field,
    `Invalid value ${JSON.stringify(shown(value))} for parameter '${field}' supplied: ${reason}`,
  );
}

/** Code points, as MLflow counts. */
function characters(text: string): number {
  return Array.from(text).length;
}
