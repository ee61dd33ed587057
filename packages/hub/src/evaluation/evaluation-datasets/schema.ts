import { isInteger, isRawNumber } from "../../lossless-json.ts";
import { isObject, type JsonObject, type NewRecord } from "./record.ts";

/** Types by field; of outputs that are no object the type itself. */
interface Schema {
  inputs: JsonObject;
  outputs: JsonObject | string;
  expectations: JsonObject;
  version: string;
}

const empty: Schema = { inputs: {}, outputs: {}, expectations: {}, version: "1.0" };

/** A schema with the fields that records add to it; a field keeps the type that it was first seen with. */
export function extendSchema(before: unknown, records: readonly NewRecord[]): Schema {
  const known: Schema = isObject(before) ? { ...empty, ...before } : empty;
  const inputs = new Map(Object.entries(known.inputs));
  const expectations = new Map(Object.entries(known.expectations));
  const outputs = new Map(isObject(known.outputs) ? Object.entries(known.outputs) : []);
  let plainOutputs = typeof known.outputs === "string" ? known.outputs : null;
  for (const record of records) {
    addTypes(inputs, record.inputs);
    addTypes(expectations, record.expectations ?? {});
    if (record.outputs === undefined || record.outputs === null) continue;
    if (isObject(record.outputs) && !isRawNumber(record.outputs)) addTypes(outputs, record.outputs);
    else if (outputs.size === 0) plainOutputs ??= typeOf(record.outputs);
  }
  return {
    inputs: Object.fromEntries(inputs),
    outputs: outputs.size === 0 && plainOutputs !== null ? plainOutputs : Object.fromEntries(outputs),
    expectations: Object.fromEntries(expectations),
    version: known.version,
  };
}

function addTypes(types: Map<string, unknown>, fields: JsonObject): void {
  for (const [key, value] of Object.entries(fields)) if (!types.has(key)) types.set(key, typeOf(value));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number" || isRawNumber(value)) return isInteger(value) ? "integer" : "float";
  if (Array.isArray(value)) return "array";
  return typeof value;
}
