import { createHash } from "node:crypto";
import { mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openScorer } from "./open-scorer.ts";
import type { ScorerLimits } from "./scorer-process.ts";

const patience = 120_000;
const never = new AbortController().signal;
const input = { prompt: "one plus one", expected: "2", answer: "two", row: { format: "prompt" } };
let home: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "hearth-scorers-")));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function open(source: string, limits: Partial<ScorerLimits> = {}, file = "mine.ts") {
  const path = join(home, file);
  await writeFile(path, source);
  return await openScorer(path, {
    dataPaths: [home],
    scratch: () => mkdtemp(join(home, "scratch-")),
    logFile: join(home, "scorers.log"),
    recordsFolder: join(home, "records"),
    limits,
  });
}

const source = `
import { createHash } from "node:crypto";
export const name: string = "length_ratio";
interface Given { answer: string; expected: string; prompt: string; row: { format: string } }
export async function score({ answer, expected, prompt, row }: Given): Promise<{ value: number; words: number }> {
  createHash("sha256").update(row.format);
  return { value: expected.length / answer.length, words: prompt.split(" ").length };
}`;

test(
  "a scorer in TypeScript runs as it is written, and leaves nothing behind",
  { timeout: patience },
  async () => {
    {
      await using scorer = await open(source);
      expect(scorer).toMatchObject({ name: "length_ratio", path: join(home, "mine.ts") });
      expect(scorer.sha256).toBe(createHash("sha256").update(source).digest("hex"));
      expect(await scorer.score(input, never)).toEqual({
        values: { length_ratio: 1 / 3, "length_ratio/words": 3 },
      });
    }
    expect((await readdir(home)).filter((name) => name.startsWith("scratch-"))).toEqual([]);
    expect(await readdir(join(home, "records"))).toEqual([]);
  },
);

test(
  "what a scorer throws or returns wrongly is a failure of that row alone",
  { timeout: patience },
  async () => {
    await using scorer = await open(`
    export const name = "odd";
    const results = { throw: () => { throw new TypeError("no such word"); }, text: () => "1", nothing: () => undefined,
      infinite: () => 1 / 0, object: () => ({ words: 3 }), odd: () => ({ value: 1, "a b": 2 }), code: () => () => 1 };
    export const score = ({ answer }) => (results[answer] ?? (() => 0.5))();`);
    const failure = async (answer: string) => {
      const outcome = await scorer.score({ ...input, answer }, never);
      return "failure" in outcome ? outcome.failure : outcome.values;
    };
    expect(await failure("throw")).toBe("TypeError: no such word");
    expect(await failure("text")).toContain("returned a string");
    expect(await failure("nothing")).toContain("returned nothing");
    expect(await failure("infinite")).toContain("finite");
    expect(await failure("object")).toContain('without "value"');
    expect(await failure("odd")).toContain('"a b"');
    expect(await failure("code")).toContain("could not be cloned");
    expect(await failure("anything else")).toEqual({ odd: 0.5 });
  },
);

test(
  "one that hangs is ended, the next row finds it again, and three in a row are enough",
  { timeout: patience },
  async () => {
    await using scorer = await open(
      `export const name = "slow";
     export const score = ({ answer }) => { while (answer === "hang"); return 1; };`,
      { rowMs: 3_000, ends: 3 },
    );
    const hang = { ...input, answer: "hang" };
    expect(await scorer.score(hang, never)).toMatchObject({
      failure: expect.stringContaining("it took longer than 3 s"),
    });
    expect(await scorer.score(input, never)).toEqual({ values: { slow: 1 } });
    for (let row = 0; row < 3; row++) await scorer.score(hang, never);
    expect(await scorer.score(input, never)).toMatchObject({
      failure: expect.stringContaining("not asked any more"),
    });
  },
);

test("a stop ends a row that hangs", { timeout: patience }, async () => {
  await using scorer = await open(`export const name = "slow"; export const score = () => { for (;;); };`, {
    rowMs: 100_000,
  });
  const stop = new AbortController();
  const asked = scorer.score(input, stop.signal);
  setImmediate(() => stop.abort(new Error("the caller left")));
  await expect(asked).rejects.toThrow("the caller left");
});

test(
  "it sees neither the hub's environment nor other files, and starts nothing",
  { timeout: patience },
  async () => {
    await using scorer = await open(`
    import { readFileSync, writeFileSync } from "node:fs";
    import { spawnSync } from "node:child_process";
    export const name = "spy";
    const attempt = (work) => { try { work(); return 1; } catch { return 0; } };
    export const score = () => ({
      value: Object.keys(process.env).filter((key) => key !== "SystemRoot").length,
      read: attempt(() => readFileSync(${JSON.stringify("/etc/hosts")})),
      write: attempt(() => writeFileSync(${JSON.stringify("/tmp/hearth-spy")}, "x")),
      start: attempt(() => { const { error } = spawnSync("ls"); if (error) throw error; }),
    });`);
    expect(await scorer.score(input, never)).toEqual({
      values: { spy: 0, "spy/read": 0, "spy/write": 0, "spy/start": 0 },
    });
  },
);

test("memory without end is the end of the process and not of the hub", { timeout: patience }, async () => {
  await using scorer = await open(
    `export const name = "greedy"; const kept = [];
     export const score = () => { for (;;) kept.push(new Array(1e6).fill(kept.length)); };`,
    { rowMs: 100_000 },
  );
  expect(await scorer.score(input, never)).toMatchObject({ failure: expect.stringContaining("process") });
});

test.each([
  ["export const score = () => 1;", "export its"],
  ['export const name = "x y"; export const score = () => 1;', "export its"],
  ['export const name = "accuracy"; export const score = () => 1;', "the hub's own"],
  ['export const name = "x";', 'no function "score"'],
  ['import "./other.ts"; export const name = "x"; export const score = () => 1;', "cannot be used"],
  ["export const name: = 1", "cannot be used"],
])("%s is refused with the reason", { timeout: patience }, async (text, reason) => {
  await expect(open(text)).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining(reason),
    details: { field: "scorer_files" },
  });
  expect((await readdir(home)).filter((name) => name.startsWith("scratch-"))).toEqual([]);
});

test("only files of allowed folders, by their names and sizes", { timeout: patience }, async () => {
  await expect(open("x", {}, "mine.py")).rejects.toThrow(/must end in/);
  await expect(open("x".repeat(300_000))).rejects.toThrow(/at most 256 KiB/);
  const surroundings = {
    dataPaths: [home],
    scratch: () => mkdtemp(join(home, "scratch-")),
    logFile: join(home, "scorers.log"),
    recordsFolder: join(home, "records"),
  };
  await expect(openScorer("/etc/passwd", surroundings)).rejects.toMatchObject({ code: "path_not_allowed" });
  await expect(openScorer(join(home, "none.ts"), surroundings)).rejects.toMatchObject({ code: "not_found" });
});
