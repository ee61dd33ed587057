import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openArtifactTree, type ArtifactTree } from "./tree.ts";

let home: string;
let tree: ArtifactTree;
const never = new AbortController().signal;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-tree-"));
  await mkdir(join(home, "versions", "v1"), { recursive: true });
  await writeFile(join(home, "versions", "v1", "model.gguf"), "weights");
  tree = await openArtifactTree({
    root: join(home, "artifacts"),
    incoming: join(home, "incoming"),
    mounts: {
      "hub-versions": (id) => Promise.resolve(id === "v1" ? join(home, "versions", "v1") : null),
    },
    beside: ([experiment, ...names]) =>
      Promise.resolve(experiment === "hub" ? { base: join(home, "versions", "v1"), names } : null),
  });
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function put(path: string, content: string): Promise<void> {
  await tree.write(path, Readable.from([Buffer.from(content)]), never);
}

async function get(path: string): Promise<string> {
  const file = await tree.open(path);
  await using handle = file.handle;
  return await handle.readFile("utf8");
}

describe("the artifact tree", () => {
  it("stores files, lists folders by name, and takes both away", async () => {
    await put("1/r/artifacts/b.txt", "bee");
    await put("1/r/artifacts/a/deep.txt", "deep");
    await put("1/r/artifacts/empty", "");
    expect(await tree.list("1/r/artifacts")).toEqual([
      { name: "a", isFolder: true, size: null, modifiedAt: expect.any(Number) },
      { name: "b.txt", isFolder: false, size: 3, modifiedAt: expect.any(Number) },
      { name: "empty", isFolder: false, size: 0, modifiedAt: expect.any(Number) },
    ]);
    expect(await get("1/r/artifacts/a/deep.txt")).toBe("deep");
    expect(await tree.list("1/r/artifacts/b.txt")).toEqual([]);
    expect(await tree.list("absent/folder")).toEqual([]);
    await tree.remove("1/r/artifacts/b.txt");
    await tree.remove("1/r/artifacts/a");
    await tree.remove("1/r/artifacts/a");
    expect(await tree.list("1/r/artifacts")).toEqual([
      { name: "empty", isFolder: false, size: 0, modifiedAt: expect.any(Number) },
    ]);
    expect(await readdir(join(home, "incoming"))).toEqual([]);
  });

  it("replaces a file whole, with another tag", async () => {
    await put("f", "first");
    const before = await tree.open("f");
    await put("f", "second");
    await using late = before.handle;
    // Who reads the old one reads it to its end.
    expect(await late.readFile("utf8")).toBe("first");
    const after = await tree.open("f");
    await after.handle.close();
    expect(after.tag).not.toBe(before.tag);
    expect(await get("f")).toBe("second");
  });

  it("leaves nothing of an upload that breaks off, and the earlier file as it was", async () => {
    await put("f", "whole");
    async function* breaking() {
      yield Buffer.from("par");
      throw new Error("the sender is gone");
    }
    await expect(tree.write("f", Readable.from(breaking()), never)).rejects.toThrow("the sender is gone");
    const stop = new AbortController();
    async function* stopping() {
      yield Buffer.from("par");
      stop.abort();
      yield Buffer.from("tial");
    }
    await expect(tree.write("new/g", Readable.from(stopping()), stop.signal)).rejects.toThrow();
    expect(await get("f")).toBe("whole");
    expect(await tree.list("new")).toEqual([]);
    expect(await readdir(join(home, "incoming"))).toEqual([]);
  });

  it("refuses a file where a folder is, and a folder where a file is", async () => {
    await put("a/b", "x");
    await expect(put("a", "y")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(put("a/b/c", "y")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(put("", "y")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(put("a/", "y")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(tree.open("a")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(tree.open("a/none")).rejects.toMatchObject({ code: "not_found" });
    expect(await get("a/b")).toBe("x");
  });

  it("follows no link that leads out", async () => {
    const outside = join(home, "secret");
    await mkdir(outside);
    await writeFile(join(outside, "key"), "secret");
    await put("1/x", "x");
    await symlink(outside, join(home, "artifacts", "1", "out"));
    await symlink(join(outside, "key"), join(home, "artifacts", "1", "key"));
    await expect(tree.open("1/out/key")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(tree.open("1/key")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(tree.list("1/out")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(put("1/out/new", "y")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(tree.remove("1/out/key")).rejects.toMatchObject({ code: "invalid_request" });
    // A file takes the place of the link, not of what it leads to.
    await put("1/key", "mine");
    expect(await readFile(join(outside, "key"), "utf8")).toBe("secret");
    expect(await readdir(outside)).toEqual(["key"]);
    expect(await tree.list("1")).toEqual([
      { name: "key", isFolder: false, size: 4, modifiedAt: expect.any(Number) },
      { name: "x", isFolder: false, size: 1, modifiedAt: expect.any(Number) },
    ]);
  });

  it("shows what the hub has made beside what clients put there, which comes first", async () => {
    await put("hub/note.txt", "note");
    expect((await tree.list("hub")).map(({ name }) => name)).toEqual(["model.gguf", "note.txt"]);
    expect(await get("hub/model.gguf")).toBe("weights");
    await put("hub/model.gguf", "mine");
    expect(await get("hub/model.gguf")).toBe("mine");
    expect((await tree.list("hub")).map(({ size }) => size)).toEqual([4, 4]);
    await tree.remove("hub");
    expect(await get("hub/model.gguf")).toBe("weights");
  });

  it("shows the files of the hub's versions, and lets nobody write there", async () => {
    expect(await tree.list("hub-versions/v1")).toEqual([
      { name: "model.gguf", isFolder: false, size: 7, modifiedAt: expect.any(Number) },
    ]);
    expect(await get("hub-versions/v1/model.gguf")).toBe("weights");
    await expect(tree.open("hub-versions/v2/model.gguf")).rejects.toMatchObject({ code: "not_found" });
    expect(await tree.list("hub-versions")).toEqual([]);
    await expect(put("hub-versions/v1/new", "x")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(tree.remove("hub-versions/v1/model.gguf")).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(tree.remove("hub-versions")).rejects.toMatchObject({ code: "invalid_request" });
  });
});
