import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { DatasetInvalid, excerpt } from "../invalid.ts";
import { fileLines } from "./file-lines.ts";
import { largestCell, type RecordReader, type SourceRecord } from "./records.ts";

const mostColumns = 1_000;
const delimiters = [",", ";", "\t"] as const;

const csvRecord = z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) });

interface CsvRow {
  cells: string[];
  line: number;
}

/**
 * Reads a CSV file (RFC 4180) with a header line. Delimiter: whichever of comma, semicolon and tab the header has most.
 *
 * @throws DatasetInvalid with the line: bad UTF-8, an open quote, a row of another width, a cell that is too large.
 */
export async function readCsv(path: string, file: string): Promise<RecordReader> {
  const rows = parsedRows(path, file);
  const header = await rows.next();
  if (header.done === true)
    throw new DatasetInvalid({ file, found: "an empty file", expected: "a header line" });
  checkHeader(header.value.cells, file);
  return { columns: header.value.cells, records: named(rows, header.value.cells) };
}

async function* named(rows: AsyncIterable<CsvRow>, columns: readonly string[]): AsyncGenerator<SourceRecord> {
  for await (const { cells, line } of rows) {
    const values = new Map(columns.map((column, index) => [column, cells[index]]));
    yield { place: { line }, values };
  }
}

async function* parsedRows(path: string, file: string): AsyncGenerator<CsvRow> {
  const text = checkedText(path, file);
  const first = await text.next();
  if (first.done === true) return;
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: largestCell,
    skip_empty_lines: true,
    delimiter: delimiterOf(first.value),
  });
  const fed = pipeline(Readable.from(joined(first.value, text)), parser);
  // Its failure comes out of the parser as well.
  fed.catch(() => undefined);
  try {
    for await (const next of parser) {
      const { record, info } = csvRecord.parse(next);
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    throw error instanceof CsvError ? csvFault(error, file) : error;
  }
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** The file as text, whole lines at a time. */
async function* checkedText(path: string, file: string): AsyncGenerator<string> {
  for await (const lines of fileLines(path, file)) {
    const wrong = lines.find(({ bytes }) => !isUtf8(bytes));
    if (wrong !== undefined) {
      throw new DatasetInvalid({
        file,
        line: wrong.line,
        found: "bytes that are not valid UTF-8",
        expected: "text in UTF-8; save the file in that encoding",
      });
    }
    if (lines.length > 0) yield lines.map(({ bytes }) => `${Buffer.from(bytes).toString("utf8")}\n`).join("");
  }
}

/** By the header, outside of quotes. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/\n|$/)).replaceAll(/"[^"]*"/g, "");
  const counts = delimiters.map((delimiter) => header.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

function checkHeader(columns: readonly string[], file: string): void {
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  const found =
    columns.length > mostColumns
      ? `${columns.length} columns`
      : repeated === undefined
        ? undefined
        : `two columns called ${excerpt(repeated)}`;
  if (found === undefined) return;
  throw new DatasetInvalid({
    file,
    line: 1,
    found,
    expected: `at most ${mostColumns} columns with names that differ`,
  });
}

const expectations: Partial<Record<CsvError["code"], string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: "as many cells in each row as the header has",
  CSV_RECORD_INCONSISTENT_COLUMNS: "as many cells in each row as the header has",
  CSV_MAX_RECORD_SIZE: `rows of at most ${largestCell.toLocaleString("en")} characters`,
  CSV_QUOTE_NOT_CLOSED: "a closing quote for each opening one",
};

function csvFault(error: CsvError, file: string): DatasetInvalid {
  const line = z.int().safeParse(error["lines"]);
  return new DatasetInvalid(
    {
      file,
      ...(line.success ? { line: line.data } : {}),
      found: `what is no CSV (${excerpt(error.message)})`,
      expected: expectations[error.code] ?? "CSV as RFC 4180 describes it, with quotes doubled inside quotes",
    },
    error,
  );
}
