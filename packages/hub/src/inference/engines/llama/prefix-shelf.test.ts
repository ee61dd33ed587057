import { appendFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TestFolder } from "../../tests/model-fixtures.ts";
import { limitPrefixes } from "./prefix-room.ts";
import { PrefixShelf } from "./prefix-shelf.ts";

let folder: TestFolder;
beforeEach(async () => {
  folder = await TestFolder.create();
});
afterEach(() => folder[Symbol.asyncDispose]());

const identity = { base: "b", adapter: null, kvCacheType: "F16", library: "v1" };
const open = (change: Partial<typeof identity> | { adapter: string } = {}): Promise<PrefixShelf> =>
  PrefixShelf.open(folder.path, { ...identity, ...change });
const state =
  (text: string) =>
  async (path: string): Promise<void> =>
    writeFile(path, text);

async function filesOf(ending: string): Promise<string[]> {
  const files = await readdir(folder.path, { recursive: true });
  return files.filter((file) => file.endsWith(ending)).map((file) => join(folder.path, file));
}

async function readBack(shelf: PrefixShelf, prompt: number[]): Promise<string | null> {
  const found = shelf.longest(prompt, false);
  let text: string | null = null;
  if (found === null) return null;
  await shelf.take(found.prefix, async (path) => {
    text = await readFile(path, "utf8");
    return true;
  });
  return text;
}

test("found again after a restart, and only by the same model, adapter, cache type and library", async () => {
  const shelf = await open();
  expect(await shelf.keep([1, 2, 3, 4], state("abcd"))).toBe(4);
  expect(await readBack(await open(), [1, 2, 3, 9])).toBe("abcd");
  for (const change of [{ base: "c" }, { adapter: "a" }, { kvCacheType: "Q8_0" }, { library: "v2" }]) {
    expect((await open(change)).longest([1, 2, 3, 4], false)).toBeNull();
  }
  expect(await filesOf(".part")).toEqual([]);
});

test("the longest shared beginning is found, whatever is stored", async () => {
  const list = fc.array(fc.nat(2), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(list, { maxLength: 6 }), list, async (stored, prompt) => {
      await rm(folder.path, { recursive: true, force: true });
      const shelf = await open();
      for (const tokens of stored) await shelf.keep(tokens, state(tokens.join()));
      const shared = (tokens: number[]): number => {
        const end = tokens.findIndex((token, index) => token !== prompt[index]);
        return end < 0 ? tokens.length : end;
      };
      const most = Math.max(0, ...stored.map(shared));
      expect(shelf.longest(prompt, false)?.shared ?? 0).toBe(most);
      const whole = shelf.longest(prompt, true);
      if (whole !== null) expect(prompt.slice(0, whole.shared)).toEqual(whole.prefix.tokens);
    }),
    { numRuns: 60 },
  );
});

test("a longer prefix takes the place of those that it holds, a shorter one is not stored again", async () => {
  const shelf = await open();
  await shelf.keep([1, 2], state("ab"));
  await shelf.keep([1, 2, 3], state("abc"));
  expect(shelf.size).toBe(1);
  expect(await shelf.keep([1, 2], state("ab"))).toBe(0);
  expect(await filesOf(".state")).toHaveLength(1);
});

test.each([
  ["a state with another byte", async (path: string) => writeFile(path, "abcx"), ".state"],
  ["a state that was cut", async (path: string) => truncate(path, 2), ".state"],
  ["a state that is gone", async (path: string) => rm(path), ".state"],
  ["a label that is cut", async (path: string) => truncate(path, 9), ".json"],
  ["a label with something behind it", async (path: string) => appendFile(path, "x"), ".json"],
  ["a label of other tokens", async (path: string) => writeFile(path, '{"tokens":[-1]}'), ".json"],
])("%s is ignored and deleted", async (_what, damage, ending) => {
  await (await open()).keep([1, 2, 3, 4], state("abcd"));
  for (const path of await filesOf(ending)) await damage(path);
  const shelf = await open();
  expect(await readBack(shelf, [1, 2, 3, 4])).toBeNull();
  expect(shelf.size).toBe(0);
  expect([...(await filesOf(".state")), ...(await filesOf(".json"))]).toEqual([]);
});

test("a state that the library refuses is deleted; a write that fails leaves nothing", async () => {
  const shelf = await open();
  await shelf.keep([1, 2, 3], state("abc"));
  const found = shelf.longest([1, 2, 3], false);
  if (found === null) throw new Error("not found");
  expect(await shelf.take(found.prefix, () => Promise.resolve(false))).toBe(false);
  expect(shelf.longest([1, 2, 3], false)).toBeNull();
  await expect(shelf.keep([5], () => Promise.reject(new Error("disk full")))).rejects.toThrow("disk full");
  expect(await filesOf("")).toHaveLength(1);
});

test("all together stay below the limit; those used last are kept, of whichever model", async () => {
  const one = await open();
  const other = await open({ base: "c" });
  await one.keep([1], state("x".repeat(100)));
  await other.keep([2], state("y".repeat(100)));
  await one.keep([3], state("z".repeat(100)));
  expect(await readBack(one, [1])).toBe("x".repeat(100));
  await limitPrefixes(folder.path, 250);
  expect((await open()).size).toBe(2);
  expect((await open({ base: "c" })).size).toBe(0);
  await limitPrefixes(folder.path, 0);
  expect([...(await filesOf(".state")), ...(await filesOf(".json"))]).toEqual([]);
});
