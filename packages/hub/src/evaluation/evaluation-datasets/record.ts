import { createHash } from "node:crypto";
import { HearthError } from "../../errors.ts";
import { isRawNumber, spacedJson } from "../../lossless-json.ts";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A record as a client sends it, checked. */
export interface NewRecord {
  /** sha256 of the inputs with their keys in order, in hexadecimal */
  inputHash: string;
  inputs: JsonObject;
  /** Undefined when the client says nothing of them, which leaves those that are there. */
  outputs: unknown;
  expectations: JsonObject | null;
  tags: JsonObject | null;
  source: JsonObject | null;
  sourceType: string | null;
  sourceId: string | null;
}

/** Who a client says it is, in the tags of what it sends. */
export const userTag = "mlflow.user";

const sourceTypes: readonly unknown[] = ["TRACE", "HUMAN", "DOCUMENT", "CODE"];

/** Throws `invalid_request` naming the record. */
export function checkRecord(value: unknown, index: number): NewRecord {
  const place = `records[${index}]`;
  const record = objectOr(value, place);
  const inputs = record["inputs"] === undefined ? {} : objectOr(record["inputs"], `${place}.inputs`);
  const source = optionalObject(record["source"], `${place}.source`);
  const sourceType = sourceTypeOf(source);
  return {
    inputHash: createHash("sha256").update(sortedJson(inputs)).digest("hex"),
    inputs,
    outputs: record["outputs"],
    expectations: optionalObject(record["expectations"], `${place}.expectations`),
    tags: optionalObject(record["tags"], `${place}.tags`),
    source: source === null ? null : { source_type: sourceType, source_data: source["source_data"] ?? {} },
    sourceType,
    sourceId: sourceIdOf(source, sourceType),
  };
}

function sourceTypeOf(source: JsonObject | null): string | null {
  if (source === null) return null;
  const given = source["source_type"];
  const type = typeof given === "string" ? given.toUpperCase() : given;
  return sourceTypes.includes(type) ? String(type) : "SOURCE_TYPE_UNSPECIFIED";
}

function sourceIdOf(source: JsonObject | null, type: string | null): string | null {
  const content = source?.["source_data"];
  if (!isObject(content)) return null;
  const id = content[type === "TRACE" ? "trace_id" : "source_id"];
  return typeof id === "string" ? id : null;
}

/** The later one wins where both have a key. */
export function merged(first: JsonObject | null, second: JsonObject | null): JsonObject | null {
  if (second === null || Object.keys(second).length === 0) return first;
  return first === null ? second : Object.fromEntries([...Object.entries(first), ...Object.entries(second)]);
}

/** JSON with the keys of every object in order: equal values are equal texts. */
export function sortedJson(value: unknown): string {
  return spacedJson(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value) || isRawNumber(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function optionalObject(value: unknown, place: string): JsonObject | null {
  return value === undefined || value === null ? null : objectOr(value, place);
}

function objectOr(value: unknown, place: string): JsonObject {
  if (isObject(value) && !isRawNumber(value)) return value;
  throw new HearthError(
    "invalid_request",
    `${place} must be an object; found ${(JSON.stringify(value) ?? "nothing").slice(0, 100)}.`,
    { details: { field: place } },
  );
}
