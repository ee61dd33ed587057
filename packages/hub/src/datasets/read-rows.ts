import type { DatasetFormat } from "@hearth/wire/hub/datasets";
import { readFileBytes } from "./ingest.ts";
import { maxLineBytes } from "./inspect.ts";
import { DatasetInvalid } from "./invalid.ts";
import { LineSplitter } from "./lines.ts";
import { parseLine, toRow, type DatasetRow } from "./rows.ts";

/** The rows of a stored file, in order, read piece by piece. */
export async function* readRows(
  path: string,
  file: string,
  format: DatasetFormat,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<DatasetRow> {
  let ready: DatasetRow[] = [];
  const splitter = new LineSplitter(
    maxLineBytes,
    (bytes, line) => {
      const object = parseLine(bytes, file, line);
      if (object !== undefined) ready.push(toRow(object, format, file, line));
    },
    (line) => {
      throw new DatasetInvalid({
        file,
        line,
        found: "a line that was too long to register",
        expected: "the file as it was registered",
      });
    },
  );
  let given = 0;
  const give = function* (): Generator<DatasetRow> {
    const rows = ready;
    ready = [];
    for (const row of rows) {
      if (given >= limit) return;
      given += 1;
      yield row;
    }
  };
  for await (const chunk of readFileBytes(path)) {
    signal.throwIfAborted();
    splitter.push(chunk);
    yield* give();
    if (given >= limit) return;
  }
  splitter.end();
  yield* give();
}
