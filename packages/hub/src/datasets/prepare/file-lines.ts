import { createReadStream } from "node:fs";
import { z } from "zod";
import { DatasetInvalid } from "../invalid.ts";
import { LineSplitter } from "../lines.ts";
import { largestCell } from "./records.ts";

export interface FileLine {
  bytes: Uint8Array;
  /** From 1. */
  line: number;
}

/** The lines of a file, those of one piece of it at a time. Throws DatasetInvalid at a line that is too long. */
export async function* fileLines(path: string, file: string): AsyncGenerator<FileLine[]> {
  let ready: FileLine[] = [];
  const splitter = new LineSplitter(
    largestCell,
    (bytes, line) => ready.push({ bytes: Uint8Array.from(bytes), line }),
    (line) => {
      throw new DatasetInvalid({
        file,
        line,
        found: `a line of more than ${largestCell.toLocaleString("en")} bytes`,
        expected: "shorter lines, one row in each",
      });
    },
  );
  for await (const chunk of createReadStream(path)) {
    splitter.push(z.instanceof(Uint8Array).parse(chunk));
    yield ready;
    ready = [];
  }
  splitter.end();
  yield ready;
}
