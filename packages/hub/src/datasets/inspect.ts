import type { DatasetFormat } from "@hearth/wire/hub/datasets";
import { DatasetInvalid } from "./invalid.ts";
import { LineSplitter } from "./lines.ts";
import { answerOf, formatOf, parseLine, toRow, type DatasetRow } from "./rows.ts";

export const maxLineBytes = 1_000_000;
const maxLabels = 50;
const maxLabelLength = 64;
const maxFields = 100;

/** Looks at every row of a dataset's files, one file after the other, and keeps what describes the whole. */
export class DatasetInspector {
  #format: DatasetFormat | undefined;
  #rows = 0;
  readonly #fields = new Map<string, Set<string>>();
  /** Undefined as soon as the answers are too many or too long to be labels. */
  #labels: Set<string> | undefined = new Set();

  /** Begins a file; push its bytes, then end it: `end` tells its rows. Throws DatasetInvalid at the first fault. */
  file(name: string): { push(chunk: Uint8Array): void; end(): number } {
    let rows = 0;
    let blank: number | undefined;
    const splitter = new LineSplitter(
      maxLineBytes,
      (bytes, line) => {
        const object = parseLine(bytes, name, line);
        if (object === undefined) {
          blank ??= line;
          return;
        }
        // Blank lines are fine at the end only: in between something is missing.
        if (blank !== undefined) {
          throw new DatasetInvalid({
            file: name,
            line: blank,
            found: "an empty line",
            expected: "one JSON object on each line (JSONL)",
          });
        }
        this.#take(object, name, line);
        rows += 1;
      },
      (line) => {
        throw new DatasetInvalid({
          file: name,
          line,
          found: `a line of more than ${maxLineBytes.toLocaleString("en")} bytes`,
          expected: "JSONL, one shorter JSON object on each line",
        });
      },
    );
    return {
      push: (chunk) => splitter.push(chunk),
      end: () => {
        splitter.end();
        if (rows === 0)
          throw new DatasetInvalid({ file: name, found: "an empty file", expected: "at least one row" });
        return rows;
      },
    };
  }

  summary(): { format: DatasetFormat; rows: number; schema: Record<string, string>; labels: string[] } {
    if (this.#format === undefined) throw new Error("no file was inspected");
    // Each label must come back, or every small set of answers would look like classes.
    const labels =
      this.#labels !== undefined && this.#rows >= 2 * this.#labels.size ? [...this.#labels].toSorted() : [];
    const fields = [...this.#fields].map(([field, types]) => [field, [...types].toSorted().join(" | ")]);
    return { format: this.#format, rows: this.#rows, schema: Object.fromEntries(fields), labels };
  }

  #take(object: Record<string, unknown>, file: string, line: number): void {
    this.#format ??= formatOf(object, file, line);
    const row = toRow(object, this.#format, file, line);
    this.#rows += 1;
    for (const [field, value] of Object.entries(object)) this.#noteField(field, value, file, line);
    if (this.#labels === undefined) return;
    const answer = answerOf(row);
    if (answer === null || callsTools(row) || answer.length > maxLabelLength || answer.includes("\n"))
      this.#labels = undefined;
    else if (this.#labels.add(answer).size > maxLabels) this.#labels = undefined;
  }

  #noteField(field: string, value: unknown, file: string, line: number): void {
    const types = this.#fields.get(field);
    if (types !== undefined) {
      types.add(typeName(value));
      return;
    }
    if (this.#fields.size >= maxFields || field.length > 250) {
      const found =
        field.length > 250
          ? `a field name of ${field.length} characters`
          : `more than ${maxFields} different fields`;
      throw new DatasetInvalid({
        file,
        line,
        found,
        expected: `at most ${maxFields} fields with names of at most 250 characters`,
      });
    }
    this.#fields.set(field, new Set([typeName(value)]));
  }
}

/** What it says beside a call, often nothing, is no class. */
function callsTools(row: DatasetRow): boolean {
  return row.format === "chat" && (row.messages.at(-1)?.tool_calls?.length ?? 0) > 0;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
