import { access, mkdtemp, readFile, readdir, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createModelRequest } from "@hearth/wire/hub/models";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeRandomModel } from "../../../../bench/models/random-model.ts";
import { hashFile } from "../artifacts/fs/hash.ts";
import { openArtifactStore, type ArtifactStore } from "../artifacts/fs/store.ts";
import { alterModel } from "../model-files/testing/altered-model.ts";
import { openDatabase, type Database } from "../storage/database.ts";
import { createRuns } from "../tracking/runs.ts";
import { createRegistry, type Registry } from "./registry.ts";

const signal = new AbortController().signal;

describe("importing a model file", () => {
  let home = "";
  let inbox = "";
  let artifacts: ArtifactStore;
  let database: Database;
  let registry: Registry;
  beforeEach(async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "hearth-import-")));
    home = join(folder, "home");
    inbox = await mkdtemp(join(folder, "inbox-"));
    artifacts = await openArtifactStore({ home });
    database = await openDatabase({ kind: "sqlite", path: join(home, "hearth.db") });
    registry = open();
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await rm(dirname(home), { recursive: true, force: true });
  });

  const open = (importChild?: URL) =>
    createRegistry({
      database,
      artifacts,
      experiments: createRuns({ database }),
      dataPaths: [inbox],
      ...(importChild === undefined ? {} : { importChild }),
    });
  const create = (name: string, path: string, from = registry, stop = signal) =>
    from.createModel(createModelRequest.parse({ name, path }), stop);
  const tiny = async (name = "tiny.gguf", seed = 1) => {
    const path = join(inbox, name);
    await makeRandomModel(path, { preset: "tiny", type: "F16", seed });
    return path;
  };
  const expectNothingRegistered = async () => {
    expect((await registry.listModels({ page: 1, page_size: 10 })).total).toBe(0);
    expect(await database.db.selectFrom("experiments").selectAll().execute()).toEqual([]);
    expect(await readdir(join(home, "models"))).toEqual([]);
    expect(await readdir(join(home, "incoming"))).toEqual([]);
  };

  it("makes it version 1, ready, under its hash, independent of its source", async () => {
    const path = await tiny();
    const sha256 = await hashFile(path);
    await create("tiny", path);
    await rm(path);
    const version = await registry.resolve("tiny");
    expect(version).toMatchObject({
      version: 1,
      status: "ready",
      kind: "full",
      sha256,
      checksums: { "model.gguf": sha256 },
      artifact_path: join(home, "models", sha256, "model.gguf"),
      summary: {
        architecture: "llama",
        context: 512,
        layers: 2,
        vocabulary: 512,
        quantisation: "F16",
        chatTemplate: true,
      },
    });
    expect(await hashFile(version.artifact_path ?? "")).toBe(sha256);
  });

  it("stores equal files once, and keeps them while one version is left", async () => {
    const path = await tiny();
    await create("one", path);
    await create("two", path);
    expect((await registry.importVersion("two", path, signal)).version).toBe(2);
    expect((await registry.importVersion("two", await tiny("other.gguf", 2), signal)).version).toBe(3);
    expect(await readdir(join(home, "models"))).toHaveLength(2);
    await registry.deleteModel("two");
    const kept = await registry.resolve("one");
    await access(kept.artifact_path ?? "");
    expect(await readdir(join(home, "models"))).toEqual([kept.sha256]);
    await registry.deleteModel("one");
    expect(await readdir(join(home, "models"))).toEqual([]);
  });

  it("keeps the file when two ask for one name and one of them loses", async () => {
    const path = await tiny();
    const results = await Promise.allSettled([create("tiny", path), create("tiny", path)]);
    expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await access((await registry.resolve("tiny")).artifact_path ?? "");
    expect(await readdir(join(home, "incoming"))).toEqual([]);
  });

  it.each<[string, (path: string) => Promise<void>, string]>([
    ["text", (path) => writeFile(path, "not a model at all, but long enough to look"), "GGUF"],
    ["an empty file", (path) => writeFile(path, ""), "empty"],
    ["a truncated model", (path) => truncate(path, 100_000), "end"],
    [
      "a model with no heads",
      (path) => alterModel(path, path, { metadata: { "llama.attention.head_count": ["u32", 0] } }),
      "head_count",
    ],
    [
      "a model with a billion layers",
      (path) => alterModel(path, path, { metadata: { "llama.block_count": ["u32", 1_000_000_000] } }),
      "block_count",
    ],
  ])("refuses %s with the reason, and registers nothing", async (_, damage, reason) => {
    const path = await tiny();
    await damage(path);
    await expect(create("bad", path)).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringContaining(reason),
      details: { path, reason: "model_file_invalid" },
    });
    await expectNothingRegistered();
  });

  it("survives a file that kills the process which reads it", async () => {
    const path = await tiny();
    const dying = open(new URL("./tests/dying-child.ts", import.meta.url));
    await expect(create("bad", path, dying)).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringContaining("n_head > 0"),
      details: { signal: "SIGABRT" },
    });
    await expectNothingRegistered();
    await create("good", path);
    expect((await registry.resolve("good")).version).toBe(1);
  });

  it("ends the process when it is told to stop", async () => {
    const path = await tiny();
    const abort = new AbortController();
    const creating = create(
      "slow",
      path,
      open(new URL("./tests/silent-child.ts", import.meta.url)),
      abort.signal,
    );
    const pid = await expect
      .poll(() => readFile(`${path}.pid`, "utf8").catch(() => ""))
      .toMatch(/^\d+$/)
      .then(() => readFile(`${path}.pid`, "utf8"));
    abort.abort(new Error("changed my mind"));
    await expect(creating).rejects.toThrow("changed my mind");
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
    await expectNothingRegistered();
  });

  it("reads nothing outside the allowed folders", async () => {
    await expect(create("bad", "/etc/hostname")).rejects.toMatchObject({ code: "path_not_allowed" });
    await expect(create("bad", join(inbox, "missing.gguf"))).rejects.toMatchObject({ code: "not_found" });
    await expect(create("bad", inbox)).rejects.toMatchObject({ code: "model_load_failed" });
    await expectNothingRegistered();
  });
});
