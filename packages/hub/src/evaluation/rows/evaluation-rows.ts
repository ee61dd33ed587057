import { Readable } from "node:stream";
import { evaluationRow } from "@hearth/wire/hub/evaluation";
import type { EvaluationRow, EvaluationRows, EvaluationRowsQuery } from "@hearth/wire/hub/evaluation";
import { inTree } from "../../artifacts/location.ts";
import type { ArtifactTree } from "../../artifacts/tree/tree.ts";
import { LineSplitter } from "../../datasets/lines.ts";
import { HearthError } from "../../errors.ts";

/** Among the artifacts of the evaluation's run: one row a line, as `evaluationRow` has it. */
export const rowsFile = "evaluation/rows.jsonl";

/** An answer of 1,024 tokens and what was asked are far below it. */
const mostBytes = 16 << 20;

/** How a line begins tells whether it is asked for, without reading it as JSON. */
const beginnings: Record<EvaluationRowsQuery["only"], RegExp> = {
  all: /^\{/,
  right: /^\{"row":\d+,"right":true,/,
  wrong: /^\{"row":\d+,"right":false,/,
  failed: /^\{"row":\d+,"right":(?:true|false|null),"failed":true,/,
};

/** Writes all rows; a file that has its name is whole and on disk. */
export async function writeRows(
  artifacts: Pick<ArtifactTree, "write">,
  artifactUri: string,
  rows: readonly EvaluationRow[],
  signal: AbortSignal,
): Promise<void> {
  const lines = Readable.from(chunksOf(rows), { objectMode: false });
  await artifacts.write(inTree(artifactUri, rowsFile), lines, signal);
}

/** The rows of one evaluation, in their order. Errors: as `readRows`. */
export async function* allRows(
  artifacts: Pick<ArtifactTree, "open">,
  artifactUri: string,
): AsyncGenerator<EvaluationRow> {
  for await (const line of linesOf(artifacts, artifactUri)) yield evaluationRow.parse(JSON.parse(line));
}

/**
 * A page of an evaluation's rows, of all or of some.
 *
 * @throws HearthError `not_found` where they were not kept, or were removed from the run's artifacts
 */
export async function readRows(
  artifacts: Pick<ArtifactTree, "open">,
  artifactUri: string,
  { only, offset, limit }: EvaluationRowsQuery,
): Promise<EvaluationRows> {
  const items: EvaluationRow[] = [];
  let total = 0;
  for await (const line of linesOf(artifacts, artifactUri)) {
    if (!beginnings[only].test(line)) continue;
    if (total >= offset && items.length < limit) items.push(evaluationRow.parse(JSON.parse(line)));
    total += 1;
  }
  return { offset, total, items };
}

async function* linesOf(artifacts: Pick<ArtifactTree, "open">, artifactUri: string): AsyncGenerator<string> {
  const { handle } = await open(artifacts, artifactUri);
  await using _closed = { [Symbol.asyncDispose]: () => handle.close() };
  let lines: string[] = [];
  const splitter = new LineSplitter(
    mostBytes,
    (bytes) => lines.push(Buffer.from(bytes).toString("utf8")),
    (line) => {
      throw new HearthError(
        "internal",
        `line ${line} of ${rowsFile} is longer than any row of an evaluation`,
      );
    },
  );
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    splitter.push(chunk);
    yield* lines;
    lines = [];
  }
}

async function open(artifacts: Pick<ArtifactTree, "open">, artifactUri: string) {
  try {
    return await artifacts.open(inTree(artifactUri, rowsFile));
  } catch (error) {
    if (!(error instanceof HearthError && error.code === "not_found")) throw error;
    throw new HearthError(
      "not_found",
      `the rows of this evaluation are not there: its run has no artifact ${rowsFile}. It was made before rows were kept, or the file was removed; evaluate again`,
      { cause: error, details: { artifact: rowsFile } },
    );
  }
}

/** `row`, `right` and `failed` come first, for those who only look at a line's beginning. */
function* chunksOf(rows: readonly EvaluationRow[]): Generator<Buffer> {
  for (const { row, right, failed, ...rest } of rows)
    yield Buffer.from(`${JSON.stringify({ row, right, failed, ...rest })}\n`);
}
