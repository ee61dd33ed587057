import { mkdir, mkdtemp, open, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomically } from "./durable.ts";
import { translateWriteError } from "./errors.ts";
import { hashFile } from "./hash.ts";
import { openArtifactStore, type ArtifactStore } from "./store.ts";

let home = "";
let store: ArtifactStore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-store-"));
  store = await openArtifactStore({ home });
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const sha256 = "0".repeat(64);

describe("an artifact store", () => {
  it("is readable for its owner only", async () => {
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  });

  it("places content under its hash, once", async () => {
    const place = async (text: string) => {
      const incoming = await store.createIncoming();
      await writeFile(join(incoming, "model.gguf"), text);
      return await store.place(incoming, "models", sha256);
    };
    const folder = await place("first");
    expect(folder).toBe(join(home, "models", sha256));
    expect(await place("second")).toBe(folder);
    expect(await readFile(join(folder, "model.gguf"), "utf8")).toBe("first");
    expect(await readdir(join(home, "incoming"))).toEqual([]);
    const both = await Promise.all([place("third"), place("fourth")]);
    expect(both).toEqual([folder, folder]);
    await store.removeContent("models", sha256);
    expect(await readdir(join(home, "models"))).toEqual([]);
  });

  it("moves a job's folder to the archive in one step and never over another version", async () => {
    const folder = await store.jobFolder("job-1");
    await mkdir(join(folder, "checkpoint"));
    await writeFile(join(folder, "adapter.gguf"), "weights");
    const archived = await store.moveToArchive(folder, "version-1");
    expect(archived).toBe(store.archiveFolder("version-1"));
    expect((await readdir(archived)).toSorted()).toEqual(["adapter.gguf", "checkpoint"]);
    expect(await readdir(join(home, "storage", "active"))).toEqual([]);

    const second = await store.jobFolder("job-2");
    await writeFile(join(second, "adapter.gguf"), "other");
    await expect(store.moveToArchive(second, "version-1")).rejects.toMatchObject({ code: "conflict" });
    expect(await readFile(join(archived, "adapter.gguf"), "utf8")).toBe("weights");
    expect(await readFile(join(second, "adapter.gguf"), "utf8")).toBe("other");
  });

  it("archives nothing from outside the active folder", async () => {
    await expect(store.moveToArchive(join(home, "models"), "v")).rejects.toMatchObject({ code: "internal" });
    await expect(store.moveToArchive(join(home, "storage", "active"), "v")).rejects.toMatchObject({
      code: "internal",
    });
    expect(await readdir(join(home, "storage", "archive"))).toEqual([]);
  });

  it("lets no id leave its folder", async () => {
    for (const id of ["..", "../x", "a/b", "", "a\0", "."]) {
      await expect(store.jobFolder(id)).rejects.toMatchObject({ code: "internal" });
      await expect(store.removeArchive(id)).rejects.toMatchObject({ code: "internal" });
    }
  });

  it("keeps paths below home relative, so that home can be moved", () => {
    const path = join(home, "models", sha256, "model.gguf");
    expect(store.toStored(path)).toBe(join("models", sha256, "model.gguf"));
    expect(store.fromStored(store.toStored(path))).toBe(path);
    expect(store.fromStored(store.toStored("/elsewhere/file"))).toBe("/elsewhere/file");
  });

  it("removes what an interrupted import left, and nothing else, when it is opened", async () => {
    await writeFile(join(await store.createIncoming(), "half.gguf"), "half");
    await writeFile(join(await store.jobFolder("job"), "checkpoint"), "kept");
    await openArtifactStore({ home });
    expect(await readdir(join(home, "incoming"))).toEqual([]);
    expect(await readFile(join(home, "storage", "active", "job", "checkpoint"), "utf8")).toBe("kept");
  });
});

describe("writeFileAtomically", () => {
  it("replaces the whole file and leaves nothing beside it", async () => {
    const path = join(home, "hub.json");
    await writeFileAtomically(path, "one");
    await writeFileAtomically(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect((await readdir(home)).filter((name) => name.startsWith("hub.json"))).toEqual(["hub.json"]);
  });

  it.runIf(process.platform === "linux")("says that the disk is full", async () => {
    // The kernel's own always-full device.
    const handle = await open("/dev/full", "w");
    const failure = await handle.writeFile("x").catch((error: unknown) => error);
    await handle.close();
    expect(translateWriteError(failure, "/dev/full")).toMatchObject({
      code: "resource_exhausted",
      details: { reason: "ENOSPC" },
    });
  });
});

describe("hashFile", () => {
  it("gives the sha256 of an empty file and of one of several pieces", async () => {
    const empty = join(home, "empty");
    await writeFile(empty, "");
    expect(await hashFile(empty)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const large = join(home, "large");
    await writeFile(large, Buffer.alloc(3_000_000, "a"));
    // python3 -c "import hashlib; print(hashlib.sha256(b'a' * 3_000_000).hexdigest())"
    expect(await hashFile(large)).toBe("2a152c894398719c0570f83fac34ac03a0f6e8e474b995c2403aa5434f7b9dd4");
  });

  it("stops when it is told to", async () => {
    const path = join(home, "file");
    await writeFile(path, "x");
    await expect(hashFile(path, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });
});
