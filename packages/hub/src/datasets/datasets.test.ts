import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openArtifactStore, type ArtifactStore } from "../artifacts/fs/store.ts";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createDatasets, type DatasetRow, type Datasets } from "./datasets.ts";

const signal = new AbortController().signal;
const page = { page: 1, page_size: 50 };

function jsonl(...rows: unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

function chat(question: string, answer: string) {
  return {
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describeEachDatabase("datasets", (open) => {
  let folder = "";
  let artifacts: ArtifactStore;
  let datasets: Datasets;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "hearth-datasets-")));
    artifacts = await openArtifactStore({ home: join(folder, "home") });
    await mkdir(join(folder, "mine"));
    datasets = createDatasets({ database: open().database, artifacts, dataPaths: [join(folder, "mine")] });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const file = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, "mine", name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, content);
    return path;
  };
  const register = async (content: string | Uint8Array, name = "data") =>
    await datasets.register({ name, path: await file("data.jsonl", content) }, signal);
  const rows = async (dataset: { id: string }, split: "train" | "test", limit?: number) => {
    const all: DatasetRow[] = [];
    for await (const row of datasets.readRows(dataset, split, limit === undefined ? {} : { limit }, signal))
      all.push(row);
    return all;
  };

  it("registers a folder with its splits, hashes, labels and schema", async () => {
    const train = jsonl(chat("a", "spam"), chat("b", "ham"), chat("c", "spam"), {
      ...chat("d", "ham"),
      id: 4,
    });
    const test = jsonl(chat("e", "ham"));
    await file("set/train.jsonl", train);
    await file("set/test.jsonl", test);
    await file("set/README.md", "not data");
    const dataset = await datasets.register({ name: "triage", path: join(folder, "mine", "set") }, signal);
    expect(dataset).toMatchObject({
      name: "triage",
      version: 1,
      path: join(folder, "mine", "set"),
      format: "chat",
      rows: 5,
      labels: ["ham", "spam"],
      schema: { messages: "array", id: "number" },
      splits: {
        train: { file: "train.jsonl", rows: 4, bytes: train.length, sha256: sha256(train) },
        test: { file: "test.jsonl", rows: 1, bytes: test.length, sha256: sha256(test) },
      },
      checksum: sha256(`test.jsonl ${sha256(test)}\ntrain.jsonl ${sha256(train)}\n`),
    });
    expect(await rows(dataset, "test")).toEqual([{ format: "chat", ...chat("e", "ham") }]);
    expect(await readFile(await datasets.filePath(dataset, "train"), "utf8")).toBe(train);
    await expect(datasets.filePath(dataset, "validation")).rejects.toMatchObject({
      code: "invalid_request",
      details: { allowed: ["train", "test"] },
    });
  });

  it("reads the three formats back, a byte order mark, CRLF, blank lines at the end and no last line break", async () => {
    const prompts = await register(
      `\u{FEFF}{"prompt":"p","completion":"c"}\r\n{"prompt":"","completion":"d"}`,
      "prompts",
    );
    expect(await rows(prompts, "train")).toEqual([
      { format: "prompt", prompt: "p", completion: "c" },
      { format: "prompt", prompt: "", completion: "d" },
    ]);
    const texts = await register(
      jsonl({ text: "one ✓" }, { text: "two" }, { text: "three" }) + "\n  \n",
      "texts",
    );
    expect(await rows(texts, "train", 2)).toEqual([
      { format: "text", text: "one ✓" },
      { format: "text", text: "two" },
    ]);
    expect([prompts.format, texts.format, texts.rows, texts.labels]).toEqual(["prompt", "text", 3, []]);
  });

  it("keeps its own copy: later changes of the source change nothing", async () => {
    const dataset = await register(jsonl({ text: "before" }));
    await file("data.jsonl", jsonl({ text: "after" }));
    expect(await rows(dataset, "train")).toEqual([{ format: "text", text: "before" }]);
    expect(await datasets.verify("data", signal)).toEqual({
      ok: true,
      checksum: dataset.checksum,
      problems: [],
      notes: [expect.stringContaining("has changed since")],
    });
  });

  it(
    "makes its own JSONL of CSV, divides it, and keeps what it was made from",
    { timeout: 60_000 },
    async () => {
      const csv = ["question,answer", ...Array.from({ length: 20 }, (_, n) => `q${n},a${n}`), ""].join("\n");
      const path = await file("data.csv", csv);
      const options = {
        mapping: { prompt: "question", completion: "answer" },
        split: { ratios: { train: 0.8, test: 0.2 }, seed: 3 },
      };
      const dataset = await datasets.register({ name: "data", path, ...options }, signal);
      expect(dataset).toMatchObject({
        format: "prompt",
        splits: { train: { rows: 16 }, test: { rows: 4 } },
        sources: [{ file: "data.csv", format: "csv", bytes: csv.length, sha256: sha256(csv) }],
        mapping: options.mapping,
        division: options.split,
      });
      expect(Object.keys(dataset.splits)).toEqual(["train", "test"]);
      expect(await rows(dataset, "test", 1)).toEqual([
        { format: "prompt", prompt: expect.stringMatching(/^q/), completion: expect.stringMatching(/^a/) },
      ]);
      expect(await datasets.verify("data", signal)).toMatchObject({ ok: true, notes: [] });
      await file("data.csv", csv.slice(0, -10));
      expect((await datasets.verify("data", signal)).notes).toHaveLength(1);
      await rm(path);
      expect((await datasets.verify("data", signal)).notes[0]).toContain("ENOENT");
      await writeFile(await datasets.filePath(dataset, "train"), "");
      expect(await datasets.verify("data", signal)).toMatchObject({ ok: false });
      const broken = await file("data.csv", "question,answer\na,b,c\n");
      await expect(
        datasets.register({ name: "data", path: broken, ...options }, signal),
      ).rejects.toMatchObject({
        code: "dataset_invalid",
        details: { file: "data.csv", line: 2 },
      });
      expect((await datasets.versions("data:1")).items.map(({ version }) => version)).toEqual([1]);
      expect(await readdir(join(artifacts.home, "incoming"))).toEqual([]);
    },
  );

  it("refuses to divide several files", async () => {
    await file("set/train.jsonl", jsonl({ text: "a" }));
    await file("set/test.jsonl", jsonl({ text: "b" }));
    const split = { ratios: { train: 0.5, test: 0.5 } };
    const path = join(folder, "mine", "set");
    await expect(datasets.register({ name: "d", path, split }, signal)).rejects.toMatchObject({
      code: "invalid_request",
      details: { field: "split" },
    });
  });

  it("finds labels only where few short answers come back", async () => {
    const answers = (list: string[]) => jsonl(...list.map((answer) => ({ prompt: "?", completion: answer })));
    expect((await register(answers(["a", "b", "a", "b "]), "few")).labels).toEqual(["a", "b"]);
    expect((await register(answers(["a", "b", "c"]), "each-new")).labels).toEqual([]);
    expect((await register(answers(["a", "a", "x".repeat(65), "a"]), "long")).labels).toEqual([]);
    const many = Array.from({ length: 51 }, (_, index) => `${index}`);
    expect((await register(answers([...many, ...many]), "many")).labels).toEqual([]);
  });

  it("gives the existing dataset for the same content, the next version for other content", async () => {
    const first = await register(jsonl({ text: "one" }));
    const second = await register(jsonl({ text: "two" }));
    const again = await register(jsonl({ text: "one" }));
    const elsewhere = await register(jsonl({ text: "one" }), "other");
    expect([first.version, second.version, again.id]).toEqual([1, 2, first.id]);
    expect(elsewhere).toMatchObject({ version: 1, checksum: first.checksum });
    expect((await datasets.get("data")).id).toBe(second.id);
    expect((await datasets.get("data:1")).id).toBe(first.id);
    expect((await datasets.get(first.id)).id).toBe(first.id);
    expect((await datasets.list({ page: 2, page_size: 2 })).items).toHaveLength(1);
    expect(await readdir(join(artifacts.home, "datasets"))).toHaveLength(2);
    await datasets.remove("data:1");
    expect(await rows(elsewhere, "train")).toEqual([{ format: "text", text: "one" }]);
    await datasets.remove("other");
    expect(await readdir(join(artifacts.home, "datasets"))).toEqual([second.checksum]);
    expect((await datasets.list(page)).items.map((dataset) => dataset.id)).toEqual([second.id]);
  });

  it("registers the same content once, however many ask together", async () => {
    const path = await file("data.jsonl", jsonl({ text: "one" }));
    const all = await Promise.all([1, 2, 3, 4].map(() => datasets.register({ name: "data", path }, signal)));
    expect(new Set(all.map((dataset) => dataset.id)).size).toBe(1);
  });

  const good = JSON.stringify({ text: "fine" });
  it.each<[string, string | Uint8Array, number | undefined, string]>([
    ["nothing", "", undefined, "an empty file"],
    ["blank lines only", "\n\n", undefined, "an empty file"],
    ["no JSON", `${good}\nhello\n`, 2, "not JSON"],
    ["an array", `${good}\n[1]\n`, 2, "not an object"],
    ["an empty line in between", `${good}\n\n${good}\n`, 2, "an empty line"],
    [
      "invalid UTF-8",
      Buffer.concat([Buffer.from(`${good}\n{"text":"`), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]),
      2,
      "UTF-8",
    ],
    ["an endless line", `${good}\n{"text":"${"x".repeat(1_000_001)}"}\n`, 2, "more than 1,000,000 bytes"],
    ["an unknown first row", jsonl({ question: "?" }), 1, "question"],
    ["another format later", jsonl({ text: "a" }, { prompt: "p", completion: "c" }), 2, "no field text"],
    ["a number for a text", jsonl({ text: "a" }, { text: 5 }), 2, "text: "],
    ["no completion", jsonl({ prompt: "p" }), 1, "no field completion"],
    ["an empty completion", jsonl({ prompt: "p", completion: " " }), 1, "the completion is empty"],
    ["no messages", jsonl({ messages: [] }), 1, "messages"],
    ["a wrong role", jsonl({ messages: [{ role: "robot", content: "x" }] }), 1, "messages[0].role"],
    ["no answer", jsonl({ messages: [{ role: "user", content: "x" }] }), 1, "not the assistant's answer"],
    [
      "a value that is not text",
      jsonl(chat("a", "b"), { messages: [{ role: "assistant", content: [1] }] }),
      2,
      "messages[0].content",
    ],
  ])("refuses %s, with line and reason", async (_, content, line, found) => {
    const failure = await register(content).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "dataset_invalid", details: { file: "data.jsonl" } });
    expect((failure as { details: { line?: number } }).details.line).toBe(line);
    expect((failure as Error).message).toContain(found);
    expect((failure as Error).message).toContain("expected");
    expect((failure as Error).message.length).toBeLessThan(500);
    expect((await datasets.list(page)).total).toBe(0);
    expect(await readdir(join(artifacts.home, "incoming"))).toEqual([]);
    expect(await readdir(join(artifacts.home, "datasets"))).toEqual([]);
  });

  it("names the file of a folder that is wrong", async () => {
    await file("set/train.jsonl", jsonl({ text: "a" }));
    await file("set/valid.jsonl", "oops\n");
    await expect(
      datasets.register({ name: "d", path: join(folder, "mine", "set") }, signal),
    ).rejects.toMatchObject({
      code: "dataset_invalid",
      details: { file: "valid.jsonl", line: 1 },
    });
    await rm(join(folder, "mine", "set", "train.jsonl"));
    await expect(
      datasets.register({ name: "d", path: join(folder, "mine", "set") }, signal),
    ).rejects.toMatchObject({
      code: "dataset_invalid",
      details: { file: "train.jsonl" },
    });
  });

  it("reads nothing outside the allowed folders, also not through links in a folder", async () => {
    await writeFile(join(folder, "secret.jsonl"), jsonl({ text: "secret" }));
    await mkdir(join(folder, "mine", "set"));
    await symlink(join(folder, "secret.jsonl"), join(folder, "mine", "set", "train.jsonl"));
    for (const path of [
      join(folder, "secret.jsonl"),
      join(folder, "mine", "set"),
      join(folder, "mine", "..", "secret.jsonl"),
    ]) {
      await expect(datasets.register({ name: "d", path }, signal), path).rejects.toMatchObject({
        code: "path_not_allowed",
      });
    }
    await expect(
      datasets.register({ name: "d", path: join(folder, "mine", "none.jsonl") }, signal),
    ).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("takes uploaded files, one of any name or named splits", async () => {
    const upload = (name: string, content: string) => ({ name, bytes: () => new Blob([content]).stream() });
    const one = await datasets.upload("one", [upload("whatever.json", jsonl({ text: "a" }))], signal);
    expect(one.splits.train?.rows).toBe(1);
    const two = await datasets.upload(
      "two",
      [upload("test.jsonl", jsonl({ text: "b" })), upload("train.jsonl", jsonl({ text: "a" }))],
      signal,
    );
    expect(Object.keys(two.splits)).toEqual(["train", "test"]);
    expect(two.path).toBe("upload:test.jsonl,train.jsonl");
    await expect(
      datasets.upload(
        "bad",
        [upload("train.jsonl", jsonl({ text: "a" })), upload("../../etc/x", "")],
        signal,
      ),
    ).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("stops when it is told to and leaves nothing", async () => {
    const abort = new AbortController();
    const bytes = async function* () {
      yield Buffer.from(jsonl({ text: "a" }));
      abort.abort(new Error("enough"));
      yield Buffer.from(jsonl({ text: "b" }));
    };
    await expect(datasets.upload("d", [{ name: "a.jsonl", bytes }], abort.signal)).rejects.toThrow("enough");
    expect(await readdir(join(artifacts.home, "incoming"))).toEqual([]);
  });

  it("notices when its copy was changed or is gone", async () => {
    const dataset = await register(jsonl({ text: "one" }));
    const path = await datasets.filePath(dataset, "train");
    await rm(path);
    expect((await datasets.verify("data", signal)).problems[0]).toContain("ENOENT");
    await writeFile(path, jsonl({ text: "two" }));
    const verified = await datasets.verify("data", signal);
    expect(verified.ok).toBe(false);
    expect(verified.checksum).toBe(sha256(jsonl({ text: "two" })));
    expect(verified.problems).toHaveLength(1);
    expect((await register(jsonl({ text: "one" }))).id).toBe(dataset.id);
    expect((await datasets.verify("data", signal)).ok).toBe(true);
  });

  it("names the closest names of an unknown dataset", async () => {
    await register(jsonl({ text: "one" }), "email-triage");
    await expect(datasets.get("email-traige")).rejects.toMatchObject({
      code: "not_found",
      details: { closest: ["email-triage"] },
    });
    await expect(datasets.get("email-triage:7")).rejects.toMatchObject({ code: "not_found" });
    await expect(datasets.get("a\0b")).rejects.toMatchObject({ code: "not_found" });
  });
});
