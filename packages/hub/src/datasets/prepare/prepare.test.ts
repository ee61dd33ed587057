import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatasetMapping } from "@hearth/wire/hub/datasets";
import { afterEach, beforeEach, expect, it } from "vitest";
import { prepare } from "./prepare.ts";

const fixtures = new URL("../tests/parquet/", import.meta.url);
const asked: DatasetMapping = { prompt: "question", completion: "answer" };

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-prepare-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const linesOf = async (name: string) =>
  (await readFile(join(folder, name), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

async function run(
  content: string | Uint8Array,
  options: Partial<Pick<Parameters<typeof prepare>[0], "mapping" | "division">> & {
    format?: "csv" | "jsonl" | "parquet";
  } = {},
) {
  const { format = "csv", mapping = null, division = null } = options;
  for (const name of await readdir(folder)) await rm(join(folder, name));
  const path = join(folder, "source");
  await writeFile(path, content);
  const sources = [{ split: "train" as const, name: `data.${format}`, path, format }];
  return await prepare({ into: folder, sources, mapping, division });
}

const fixture = async (name: string) => await readFile(new URL(`${name}.parquet`, fixtures));

it("reads CSV with quotes, line breaks in cells, a byte order mark, semicolons and CRLF", async () => {
  await run(`\u{FEFF}id;question;answer\r\n1;"a ""b"";\nc";x\r\n2;;"y, z"\r\n`, { mapping: asked });
  expect(await linesOf("train.jsonl")).toEqual([
    { prompt: 'a "b";\nc', completion: "x" },
    { prompt: "", completion: "y, z" },
  ]);
});

it("takes columns that are called as the fields are, and conversations as JSON", async () => {
  const messages = [
    { role: "user", content: "hi" },
    { role: "assistant", content: "ho" },
  ];
  await run(`messages,other\n"${JSON.stringify(messages).replaceAll('"', '""')}",1\n`);
  expect(await linesOf("train.jsonl")).toEqual([{ messages }]);
});

it("maps the fields of JSONL", async () => {
  await run(`{"question":"a","answer":"b","more":1}\n`, { format: "jsonl", mapping: asked });
  expect(await linesOf("train.jsonl")).toEqual([{ prompt: "a", completion: "b" }]);
});

it.each(["none", "snappy", "gzip", "brotli", "zstd"])("reads Parquet, compression %s", async (name) => {
  await run(await fixture(name), { format: "parquet", mapping: asked });
  expect(await linesOf("train.jsonl")).toEqual([
    { prompt: "one?", completion: "1" },
    { prompt: "two?", completion: "2" },
    { prompt: "three ✓?", completion: "3" },
  ]);
});

it("takes nested conversations of Parquet, and whole numbers as text", async () => {
  await run(await fixture("messages"), { format: "parquet" });
  expect((await linesOf("train.jsonl"))[1]).toEqual({
    messages: [
      { role: "user", content: "hi" },
      { role: "assistant", content: "ho" },
    ],
  });
  await run(await fixture("zstd"), { format: "parquet", mapping: { prompt: "question", completion: "id" } });
  expect((await linesOf("train.jsonl"))[2]).toEqual({ prompt: "three ✓?", completion: "3" });
});

const header = "question,answer\n";
it.each<[string, string | Uint8Array, string]>([
  ["nothing", "", "an empty file"],
  ["another width", `${header}a,b\na\n`, "line 3"],
  ["an open quote", `${header}"a,b\nc,d\n`, "closing quote"],
  ["a quote in the middle", `${header}a,b\nc"x"d,"e"f\n`, "line 3"],
  [
    "bad UTF-8",
    Buffer.concat([Buffer.from(`${header}a,b\n`), Buffer.from([0x61, 0x2c, 0xff, 0x0a])]),
    "line 3: found bytes",
  ],
  [
    "a huge cell",
    `${header}a,b\n${"x".repeat(1_000_001)},b\n`,
    "line 3: found a line of more than 1,000,000",
  ],
  [
    "a huge cell of many lines",
    `${header}a,b\n"${"x\n".repeat(600_000)}",b\n`,
    "at most 1,000,000 characters",
  ],
  ["an empty answer", `${header}a,b\nc,\n`, "line 3: found"],
  ["a column twice", `question,answer,answer\na,b,c\n`, "two columns called"],
  ["another header", `q,a\n1,2\n`, 'the column \\"question\\" for prompt'],
])("refuses CSV with %s, with line and reason", async (_, content, found) => {
  const refusal = await run(content, { mapping: asked }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "dataset_invalid", details: { file: "data.csv" } });
  expect(JSON.stringify((refusal as Error).message)).toContain(found);
});

it.each<[string, string, DatasetMapping | null, string]>([
  ["a codec that is not read", "lz4", asked, "row 1: found a column compressed with LZ4"],
  ["no value", "null", asked, "row 2: found no value in the column"],
  ["a struct for text", "nested", asked, "row 1: found a nested value"],
  ["a fraction for text", "zstd", { text: "score" }, "row 1: found the number 0.5"],
  ["bad UTF-8", "bad-utf8", { text: "text" }, "not valid UTF-8"],
  ["text for conversations", "zstd", { messages: "question" }, "row 1: found"],
  ["too large a row group", "large-group", { text: "text" }, "row groups of at most"],
])("refuses Parquet with %s, with row and reason", async (_, name, mapping, found) => {
  const refusal = await run(await fixture(name), { format: "parquet", mapping }).catch(
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({ code: "dataset_invalid", details: { file: "data.parquet" } });
  expect((refusal as Error).message).toContain(found);
});

it("refuses half a Parquet file, and what is none", async () => {
  const whole = await fixture("zstd");
  for (const content of [
    whole.subarray(0, 200),
    Buffer.from("hello"),
    Buffer.concat([Buffer.alloc(100), whole.subarray(100)]),
  ])
    await expect(run(content, { format: "parquet", mapping: asked })).rejects.toMatchObject({
      code: "dataset_invalid",
    });
});

it(
  "a few hundred bytes that stand for gigabytes are refused before the disk is full",
  { timeout: 120_000 },
  async () => {
    await expect(
      run(await fixture("bomb"), { format: "parquet", mapping: { text: "text" } }),
    ).rejects.toMatchObject({
      code: "too_large",
    });
  },
);

it("divides by seed: the same again, equal rows together, another seed otherwise", async () => {
  const rows = Array.from({ length: 200 }, (_, index) => `{"text":"row ${index % 100}"}`);
  const ratios = { train: 0.8, validation: 0.1, test: 0.1 };
  const divided = async (content: string[], seed: number) => {
    await run(content.join("\n"), { format: "jsonl", division: { ratios, seed } });
    const splits = ["train", "validation", "test"].map((split) => linesOf(`${split}.jsonl`));
    return (await Promise.all(splits)).map((lines) => lines.map((line) => JSON.stringify(line)));
  };
  const first = await divided(rows, 7);
  expect(first.map((lines) => lines.length)).toEqual([160, 20, 20]);
  const [train = [], validation = [], test = []] = first.map((lines) => new Set(lines));
  expect([...validation, ...test].filter((line) => new Set(train).has(line))).toEqual([]);
  expect([...validation].filter((line) => new Set(test).has(line))).toEqual([]);
  expect(await divided(rows, 7)).toEqual(first);
  expect(await divided(rows, 8)).not.toEqual(first);
  // The order of the file decides nothing.
  const reversed = await divided(rows.toReversed(), 7);
  expect(reversed.map((lines) => lines.toSorted())).toEqual(first.map((lines) => lines.toSorted()));
  await expect(divided(rows.slice(0, 4), 7)).rejects.toMatchObject({
    code: "invalid_request",
    details: { field: "split.ratios.test" },
  });
});

it("keeps further fields of JSONL rows that are divided", async () => {
  const rows = Array.from({ length: 10 }, (_, index) => `{"text":"row ${index}","id":${index}}`);
  await run(rows.join("\n"), { format: "jsonl", division: { ratios: { train: 0.5, test: 0.5 }, seed: 0 } });
  expect([...(await linesOf("train.jsonl")), ...(await linesOf("test.jsonl"))]).toContainEqual({
    text: "row 3",
    id: 3,
  });
});
