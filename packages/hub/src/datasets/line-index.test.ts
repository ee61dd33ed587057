import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openArtifactStore } from "../artifacts/fs/store.ts";
import { openDatabase, type Database } from "../storage/database.ts";
import { createDatasets, type Datasets } from "./datasets.ts";
import { readFileBytes } from "./ingest.ts";
import { LineIndex } from "./line-index.ts";

let folder: string;
let database: Database;
let read = 0;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "hearth-lines-")));
  database = await openDatabase({ kind: "sqlite", path: join(folder, "hearth.db") });
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The datasets' room as a hub has it that has just started; counts what it reads. */
async function open(): Promise<Datasets> {
  const artifacts = await openArtifactStore({ home: join(folder, "home") });
  return createDatasets({
    database,
    artifacts,
    dataPaths: [folder],
    async *readBytes(path, offset) {
      for await (const chunk of readFileBytes(path, offset)) {
        read += chunk.length;
        yield chunk;
      }
    },
  });
}

async function textsOf(datasets: Datasets, offset: number, limit: number): Promise<string[]> {
  read = 0;
  const { items } = await datasets.rows("many", { split: "train", offset, limit }, signal);
  return items.map((row) => (row.format === "text" ? row.text : ""));
}

const rows = 1_000_000;
const texts = (from: number, count: number) => Array.from({ length: count }, (_, at) => `row ${from + at}`);

test("page 10,000 of a million rows is read without the rows before it", { timeout: 180_000 }, async () => {
  const file = join(folder, "many.jsonl");
  await writeFile(
    file,
    `${texts(0, rows)
      .map((text) => `{"text":"${text}"}`)
      .join("\n")}\n\n`,
  );
  const registered = await (await open()).register({ name: "many", path: file }, signal);
  const bytes = registered.splits.train?.bytes ?? 0;
  expect(bytes).toBeGreaterThan(20_000_000);

  const datasets = await open();
  for (const offset of [999_900, 500_050, 999, 1_000, 1_001, 0]) {
    expect(await textsOf(datasets, offset, 100)).toEqual(texts(offset, 100));
    // Up to a thousand rows before the first, and a piece more than is needed.
    expect(read).toBeLessThan(200_000);
  }
  expect(await textsOf(datasets, 999_990, 100)).toEqual(texts(999_990, 10));
  expect(await textsOf(datasets, rows, 100)).toEqual([]);
  expect(await textsOf(datasets, 5 * rows, 100)).toEqual([]);
  expect((await datasets.verify("many", signal)).ok).toBe(true);

  // Of a dataset that was registered before there were indices, the file is read once.
  const stored = await datasets.filePath(registered, "train");
  for (const damage of [() => rm(`${stored}.lines`), () => writeFile(`${stored}.lines`, '{"every":1')]) {
    await damage();
    const older = await open();
    expect(await textsOf(older, 999_900, 100)).toEqual(texts(999_900, 100));
    expect(read).toBeGreaterThan(bytes);
    expect(await textsOf(older, 700_000, 2)).toEqual(texts(700_000, 2));
    expect(read).toBeLessThan(200_000);
  }
});

test("marks are where lines begin, however the file is cut into pieces", () => {
  const lines = Array.from({ length: 3_500 }, (_, index) => "x".repeat(index % 7));
  const bytes = Buffer.from(lines.join("\n"));
  for (const size of [1, 7, 1_000, bytes.length]) {
    const index = new LineIndex();
    for (let at = 0; at < bytes.length; at += size) index.push(bytes.subarray(at, at + size));
    for (const line of [0, 999, 1_000, 1_999, 3_499, 90_000]) {
      const mark = index.before(line);
      expect(mark.line).toBe(Math.min(3_000, Math.floor(line / 1_000) * 1_000));
      expect(mark.offset).toBe(lines.slice(0, mark.line).join("\n").length + (mark.line === 0 ? 0 : 1));
    }
  }
});
