import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createModelRequest } from "@hearth/wire/hub/models";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashFile } from "../artifacts/fs/hash.ts";
import { openArtifactStore, type ArtifactStore } from "../artifacts/fs/store.ts";
import { writeMlxModel } from "../inference/tests/mlx-models.ts";
import { tinyShape } from "../inference/tests/model-fixtures.ts";
import { openDatabase, type Database } from "../storage/database.ts";
import { createRuns } from "../tracking/runs.ts";
import { createRegistry, type Registry } from "./registry.ts";

const signal = new AbortController().signal;

describe("importing a folder with a model for MLX", () => {
  let home = "";
  let inbox = "";
  let artifacts: ArtifactStore;
  let database: Database;
  let registry: Registry;
  let folder = "";
  beforeEach(async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), "hearth-import-")));
    home = join(base, "home");
    inbox = await mkdtemp(join(base, "inbox-"));
    artifacts = await openArtifactStore({ home });
    database = await openDatabase({ kind: "sqlite", path: join(home, "hearth.db") });
    const experiments = createRuns({ database });
    registry = createRegistry({ database, artifacts, experiments, dataPaths: [inbox] });
    folder = join(inbox, "tiny-mlx");
    await writeMlxModel(folder, tinyShape, 1);
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await rm(dirname(home), { recursive: true, force: true });
  });

  const create = (name: string) =>
    registry.createModel(createModelRequest.parse({ name, path: folder }), signal);

  it("makes it version 1 under the checksum of its list of files, independent of its source", async () => {
    // What belongs to no model is left behind.
    await writeFile(join(folder, "README.md"), "read me");
    await mkdir(join(folder, "original"));
    await writeFile(join(folder, "original", "weights.bin"), "others");
    const names = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
    const sums = await Promise.all(names.map(async (name) => await hashFile(join(folder, name))));
    const list = names.map((name, index) => `${sums[index]}  ${name}\n`).join("");
    const sha256 = createHash("sha256").update(list).digest("hex");
    await create("tiny");
    await rm(folder, { recursive: true });
    const version = await registry.resolve("tiny");
    expect(version).toMatchObject({
      status: "ready",
      kind: "full",
      sha256,
      artifact_path: join(home, "models", sha256, "model"),
      checksums: Object.fromEntries(names.map((name, index) => [`model/${name}`, sums[index]])),
      summary: {
        format: "mlx",
        name: "tiny-mlx",
        architecture: "llama",
        layers: 2,
        embedding: 64,
        vocabulary: 512,
        context: 512,
        cacheElementsPerToken: 2 * 2 * 2 * 16,
        quantisation: "F32",
        chatTemplate: true,
      },
    });
    expect((await readdir(version.artifact_path ?? "")).toSorted()).toEqual(names);
    expect(await hashFile(join(version.artifact_path ?? "", "config.json"))).toBe(sums[0]);
  });

  it("keeps one copy of equal folders, and removes it with the last version", async () => {
    await create("one");
    await create("two");
    expect(await readdir(join(home, "models"))).toHaveLength(1);
    await registry.deleteModel("one");
    expect(await readdir(join(home, "models"))).toHaveLength(1);
    await registry.deleteModel("two");
    expect(await readdir(join(home, "models"))).toEqual([]);
  });

  it("tells how the weights are quantised", async () => {
    const config: unknown = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    const quantization = { bits: 4, group_size: 32 };
    await writeFile(join(folder, "config.json"), JSON.stringify({ ...(config as object), quantization }));
    await create("tiny");
    const { summary } = await registry.resolve("tiny");
    expect(summary).toMatchObject({ quantisation: "4 bits in groups of 32" });
  });

  const config = async (change: Record<string, unknown>): Promise<void> => {
    const content: unknown = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    await writeFile(join(folder, "config.json"), JSON.stringify({ ...(content as object), ...change }));
  };
  const refusals: [what: string, change: () => Promise<unknown>, reason: RegExp][] = [
    ["code", () => writeFile(join(folder, "modeling.py"), "import os"), /"modeling\.py" is code/],
    ["a library", () => writeFile(join(folder, "ops.so"), "ELF"), /"ops\.so" is code/],
    ["a program", () => chmod(join(folder, "tokenizer.json"), 0o755), /may be run as a program/],
    ["a link", () => symlink("/etc/passwd", join(folder, "vocab.txt")), /"vocab\.txt" is a symbolic link/],
    [
      "a link for weights",
      async () => {
        await rename(join(folder, "model.safetensors"), join(inbox, "elsewhere"));
        await symlink(join(inbox, "elsewhere"), join(folder, "model.safetensors"));
      },
      /"model\.safetensors" is a symbolic link/,
    ],
    ["code by its config", () => config({ model_file: "evil.py" }), /names code of its own/],
    ["another place by its config", () => config({ model_type: "../../os" }), /model_type/],
    ["impossible sizes", () => config({ num_hidden_layers: 1e9 }), /num_hidden_layers/],
    [
      "a config that is no JSON",
      () => writeFile(join(folder, "config.json"), "{"),
      /config\.json is not JSON/,
    ],
    ["a config that is a list", () => writeFile(join(folder, "config.json"), "[]"), /one JSON object/],
    ["no config", () => rm(join(folder, "config.json")), /has no config\.json/],
    ["no weights", () => rm(join(folder, "model.safetensors")), /has no model\*\.safetensors/],
    ["no tokenizer", () => rm(join(folder, "tokenizer.json")), /has no tokenizer/],
    ["weights cut short", () => truncate(join(folder, "model.safetensors"), 5000), /model\.safetensors: /],
    [
      "weights that are none",
      () => writeFile(join(folder, "model-2.safetensors"), "x".repeat(99)),
      /model-2/,
    ],
    [
      "a shard that is missing",
      () =>
        writeFile(
          join(folder, "model.safetensors.index.json"),
          JSON.stringify({ weight_map: { "model.norm.weight": "model-00002-of-00002.safetensors" } }),
        ),
      /"model-00002-of-00002\.safetensors" is missing/,
    ],
    [
      "a tensor that is missing",
      () =>
        writeFile(
          join(folder, "model.safetensors.index.json"),
          JSON.stringify({ weight_map: { "model.extra.weight": "model.safetensors" } }),
        ),
      /lacks the tensor "model\.extra\.weight"/,
    ],
  ];
  it.each(refusals)("refuses %s, and nothing is registered", async (_what, change, reason) => {
    await change();
    await expect(create("tiny")).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringMatching(reason),
    });
    expect((await registry.listModels({ page: 1, page_size: 10 })).total).toBe(0);
    expect(await readdir(join(home, "models"))).toEqual([]);
    expect(await readdir(join(home, "incoming"))).toEqual([]);
  });
});
