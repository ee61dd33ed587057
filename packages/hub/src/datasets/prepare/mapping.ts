import type { DatasetMapping } from "@hearth/wire/hub/datasets";
import { DatasetInvalid, excerpt, type DatasetFault } from "../invalid.ts";
import type { SourceRecord } from "./records.ts";

type Field = keyof DatasetMapping;

/** Columns that are called as the fields are need no mapping. */
const own: readonly DatasetMapping[] = [
  { messages: "messages", tools: "tools" },
  { messages: "messages" },
  { prompt: "prompt", completion: "completion" },
  { text: "text" },
];

/**
 * The mapping for a file with the given columns: the one that was asked for, else by the columns' own names.
 *
 * @throws DatasetInvalid when a column is not there, or none has a field's name.
 */
export function mappingFor(
  columns: readonly string[],
  given: DatasetMapping | null,
  file: string,
): DatasetMapping {
  const there = (mapping: DatasetMapping) =>
    fieldsOf(mapping).every(([, column]) => columns.includes(column));
  const has = `the columns ${excerpt(columns.join(", "))}`;
  if (given === null) {
    const fitting = own.find(there);
    if (fitting !== undefined) return fitting;
    throw new DatasetInvalid({
      file,
      found: has,
      expected:
        "prompt and completion, text, or messages; or a mapping of columns to them, such as prompt=question,completion=answer",
    });
  }
  const missing = fieldsOf(given).find(([, column]) => !columns.includes(column));
  if (missing === undefined) return given;
  throw new DatasetInvalid({
    file,
    found: has,
    expected: `the column ${excerpt(missing[1])} for ${missing[0]}`,
  });
}

/** The columns that a mapping reads, each once. */
export function columnsOf(mapping: DatasetMapping): string[] {
  return [...new Set(fieldsOf(mapping).map(([, column]) => column))];
}

/** A record as an object of one of the three forms. Throws DatasetInvalid for a cell that is no such value. */
export function mapRecord(
  { values, place }: SourceRecord,
  mapping: DatasetMapping,
  file: string,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [field, column] of fieldsOf(mapping)) {
    const value = values.get(column);
    const at = { file, ...place };
    if (field === "tools" && isEmpty(value)) continue;
    row[field] =
      field === "messages" || field === "tools"
        ? structured(value, column, at)
        : plainText(value, column, at);
  }
  return row;
}

function plainText(value: unknown, column: string, at: Pick<DatasetFault, "file" | "line" | "row">): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  throw new DatasetInvalid({
    ...at,
    found: `${kindOf(value)} in the column ${excerpt(column)}`,
    expected: "text, a whole number, or true or false",
  });
}

function structured(
  value: unknown,
  column: string,
  at: Pick<DatasetFault, "file" | "line" | "row">,
): unknown {
  if (Array.isArray(value)) return withoutNulls(value);
  if (typeof value === "string") {
    try {
      return JSON.parse(value);
    } catch (error) {
      const found = `${excerpt(value)} in the column ${excerpt(column)}, which is not JSON`;
      throw new DatasetInvalid({ ...at, found, expected: "a list, or one as JSON text" }, error);
    }
  }
  throw new DatasetInvalid({
    ...at,
    found: `${kindOf(value)} in the column ${excerpt(column)}`,
    expected: "a list, or one as JSON text",
  });
}

/** A struct of a Parquet file has all of its fields in each row: those without a value are absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null && one !== undefined)
      .map(([key, one]) => [key, withoutNulls(one)]),
  );
}

function fieldsOf(mapping: DatasetMapping): [Field, string][] {
  const fields: [Field, string | undefined][] = [
    ["prompt", mapping.prompt],
    ["completion", mapping.completion],
    ["text", mapping.text],
    ["messages", mapping.messages],
    ["tools", mapping.tools],
  ];
  return fields.flatMap(([field, column]): [Field, string][] =>
    column === undefined ? [] : [[field, column]],
  );
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "no value";
  if (typeof value === "number") return `the number ${value}`;
  if (value instanceof Date) return "a date";
  if (value instanceof Uint8Array) return "bytes";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a nested value" : `a ${typeof value}`;
}
