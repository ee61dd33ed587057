import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createModelRequest } from "@hearth/wire/hub/models";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openArtifactStore, type ArtifactStore } from "../artifacts/fs/store.ts";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createRuns, type Runs } from "../tracking/runs.ts";
import { createRegisteredModels, type RegisteredModels } from "./registered-models.ts";
import { createRegistry, type Registry } from "./registry.ts";

const signal = new AbortController().signal;
const sha256 = "b".repeat(64);
const everything = { filter: "", orderBy: [], maxResults: 100, offset: 0 };
const loggedId = `m-${"1".repeat(32)}`;

describeEachDatabase("registered models", (open) => {
  let home = "";
  let artifacts: ArtifactStore;
  let runs: Runs;
  let registry: Registry;
  let models: RegisteredModels;
  let told: unknown[];
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), "hearth-registered-")));
    artifacts = await openArtifactStore({ home });
    const { database } = open();
    runs = createRuns({ database });
    registry = createRegistry({ database, artifacts, experiments: runs, dataPaths: [home] });
    told = [];
    let time = 1000;
    models = createRegisteredModels({
      database,
      registry,
      logged: {
        run: async (id) =>
          await Promise.resolve(id === "r1" ? { artifactUri: "mlflow-artifacts:/0/r1/artifacts" } : null),
        loggedModel: async (id) =>
          await Promise.resolve(
            id === loggedId
              ? { artifactUri: `mlflow-artifacts:/0/models/${loggedId}/artifacts`, runId: "r1" }
              : null,
          ),
        registered: async (...args) => {
          told.push(args);
          await Promise.resolve();
        },
      },
      now: () => (time += 1),
    });
  });
  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });

  const create = (name: string, tags: Record<string, string> = {}) =>
    models.create({ name, description: "", tags: pairs(tags) });
  const version = (name: string, more: Partial<Parameters<RegisteredModels["versions"]["create"]>[0]> = {}) =>
    models.versions.create({
      name,
      source: "s3://bucket/model",
      runId: null,
      modelId: null,
      runLink: "",
      description: "",
      tags: [],
      ...more,
    });
  const found = async (filter: string, orderBy: string[] = []) =>
    (await models.search({ ...everything, filter, orderBy })).models.map(({ name }) => name);
  const foundVersions = async (filter: string, orderBy: string[] = []) => {
    const { lists } = await models.versions.search({ ...everything, filter, orderBy });
    const names: string[] = [];
    for await (const list of lists) names.push(...list.map((one) => `${one.name}:${one.version}`));
    return names;
  };
  const trained = async (model: string) => {
    const { id } = await registry.createVersion({ model, kind: "full" });
    const folder = await artifacts.jobFolder(id);
    await writeFile(join(folder, "model.gguf"), "weights");
    const archived = await artifacts.moveToArchive(folder, id);
    return await registry.markReady(id, {
      artifactPath: join(archived, "model.gguf"),
      sha256,
      checksums: { "model.gguf": sha256 },
    });
  };

  it("are the hub's models, without an experiment until one is needed", async () => {
    await create("a model", { team: "vision" });
    expect(await registry.getModel("a model")).toMatchObject({
      task_type: "other",
      tags: { team: "vision" },
      experiment_id: null,
    });
    const experiment = await registry.experimentOf("a model");
    expect(await registry.experimentOf("a model")).toBe(experiment);
    expect((await registry.getModel("a model")).experiment_id).toBe(experiment);
    const { items } = await registry.history("a model", { page: 1, page_size: 9 });
    expect(items.map(({ kind }) => kind)).toEqual(["created"]);
    await registry.createModel(createModelRequest.parse({ name: "ember", tags: { a: "b" } }), signal);
    expect(await models.get("ember")).toMatchObject({ name: "ember", tags: [{ key: "a", value: "b" }] });
  });

  it("refuses names, aliases, stages, versions and tags that MLflow refuses", async () => {
    await create("m");
    await version("m");
    for (const name of ["", " ", "a/b", "a:b", ".", "..", "x".repeat(257), "nul\0"])
      await expect(create(name), name).rejects.toMatchObject({ code: "invalid_request" });
    for (const alias of ["", "latest", "LATEST", "v1", "V22", "a b", "x".repeat(256), "a\0"])
      await expect(models.setAlias("m", alias, "1"), alias).rejects.toMatchObject({
        code: "invalid_request",
      });
    await expect(models.setAlias("m", "a", "one")).rejects.toThrow("must be an integer");
    await expect(models.setAlias("m", "a", "7")).rejects.toMatchObject({ code: "not_found" });
    await expect(models.byAlias("m", "none")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(models.versions.moveTo("m", "1", "Best", false)).rejects.toThrow("Value must be one of");
    await expect(models.versions.moveTo("m", "1", "Archived", true)).rejects.toThrow("not an Active stage");
    for (const key of ["../up", "a//b", "/a", "a?b", "k".repeat(251)])
      await expect(models.setTag("m", { key, value: "" }), key).rejects.toMatchObject({
        code: "invalid_request",
      });
    await expect(models.setTag("m", { key: "k", value: "v".repeat(100_001) })).rejects.toThrow(
      "maximum length",
    );
    await expect(models.get("nobody")).rejects.toThrow("Registered Model with name=nobody not found");
    await expect(models.versions.get("m", "99999999999")).rejects.toMatchObject({ code: "not_found" });
    await expect(create("m")).rejects.toThrow("Registered Model (name=m) already exists.");
    await expect(create("m", { "mlflow.prompt.is_prompt": "true" })).rejects.toThrow("already taken by a");
  });

  it("numbers versions upwards and gives the number of a deleted one to none", async () => {
    await create("m");
    expect((await version("m")).version).toBe(1);
    expect((await version("m")).version).toBe(2);
    await models.setAlias("m", "best", "2");
    await models.versions.remove("m", "2");
    expect(await models.get("m")).toMatchObject({ aliases: [], latestVersions: [{ version: 1 }] });
    expect((await version("m")).version).toBe(3);
    const all = await Promise.all(Array.from({ length: 8 }, () => version("m")));
    expect(all.map((one) => one.version).toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("has the same aliases on both faces, and cannot serve what has no file", async () => {
    await create("m");
    await version("m");
    await models.setAlias("m", "champion", "1");
    expect((await registry.getModel("m")).aliases).toEqual({ champion: 1 });
    expect(await models.byAlias("m", "champion")).toMatchObject({ version: 1, aliases: ["champion"] });
    for (const reference of ["m", "m:1", "m@champion"])
      await expect(registry.served(reference)).rejects.toThrow(
        "no model file that an engine here could load",
      );
    await registry.removeAlias("m", "champion");
    await models.deleteAlias("m", "champion");
    await expect(models.byAlias("m", "champion")).rejects.toThrow("alias champion not found");
    const { version: number } = await trained("m");
    await version("m");
    expect((await registry.served("m")).version).toBe(number);
    expect((await models.byAlias("m", "Latest")).version).toBe(3);
  });

  it("shows the hub's own versions with their files and what they were made from", async () => {
    await registry.createModel(createModelRequest.parse({ name: "ember" }), signal);
    const { id } = await trained("ember");
    expect(await models.versions.get("ember", "1")).toMatchObject({
      source: `mlflow-artifacts:/hub-versions/${id}`,
      status: "READY",
      tags: [
        { key: "hearth.kind", value: "full" },
        { key: "hearth.sha256", value: sha256 },
      ],
    });
    expect(await models.versions.downloadUri("ember", "1")).toBe(`mlflow-artifacts:/hub-versions/${id}`);
    expect(await foundVersions(`source_path = 'mlflow-artifacts:/hub-versions/${id}'`)).toEqual(["ember:1"]);
    await registry.createVersion({ model: "ember", kind: "full" });
    expect(await models.versions.get("ember", "2")).toMatchObject({ status: "PENDING_REGISTRATION" });
    await models.versions.moveTo("ember", "1", "archived", false);
    expect((await registry.getVersion("ember:1")).status).toBe("archived");
    await models.versions.moveTo("ember", "1", "production", false);
    expect((await registry.getVersion("ember:1")).status).toBe("ready");
    await models.versions.remove("ember", "1");
    await expect(registry.getVersion("ember:1")).rejects.toMatchObject({ code: "not_found" });
  });

  it("keeps a version that adapters rest on", async () => {
    await registry.createModel(createModelRequest.parse({ name: "base" }), signal);
    const base = await trained("base");
    await registry.createModel(createModelRequest.parse({ name: "tuned" }), signal);
    await registry.createVersion({ model: "tuned", kind: "adapter", baseVersionId: base.id });
    await expect(models.versions.remove("base", "1")).rejects.toThrow("base:1 is the base of tuned:1");
    await expect(models.remove("base")).rejects.toMatchObject({ code: "conflict" });
    await models.remove("tuned");
    await models.remove("base");
  });

  it("moves versions between stages and archives the others", async () => {
    await create("m");
    await version("m");
    await version("m");
    await version("m");
    await models.versions.moveTo("m", "1", "production", false);
    await models.versions.moveTo("m", "2", "PRODUCTION", true);
    const stages = (await models.latestVersions("m", [])).map((one) => `${one.version} ${one.stage}`);
    expect(stages).toEqual(["1 Archived", "2 Production", "3 None"]);
    expect(await models.latestVersions("m", ["staging"])).toEqual([]);
  });

  it("finds models and versions, and prompts only when asked", async () => {
    await create("b", { team: "x" });
    await create("a");
    await create("p", { "mlflow.prompt.is_prompt": "true" });
    const prompt = [{ key: "mlflow.prompt.is_prompt", value: "true" }];
    await version("p", { source: "dummy-source", tags: prompt });
    await version("a", { tags: [{ key: "t", value: "1" }] });
    await version("b", { runId: "r2" });
    expect(await found("")).toEqual(["a", "b"]);
    expect(await found("", ["name DESC"])).toEqual(["b", "a"]);
    expect(await found("", ["last_updated_timestamp DESC"])).toEqual(["b", "a"]);
    expect(await found("tags.`mlflow.prompt.is_prompt` = 'true'")).toEqual(["p"]);
    expect(await found("tags.`mlflow.prompt.is_prompt` != 'true' AND name ILIKE 'B%'")).toEqual(["b"]);
    expect(await found("tags.team = 'x'")).toEqual(["b"]);
    expect(await foundVersions("")).toEqual(["b:1", "a:1"]);
    expect(await foundVersions("name = 'p' AND tags.`mlflow.prompt.is_prompt` = 'true'")).toEqual(["p:1"]);
    expect(await foundVersions("run_id IN ('r2', 'r3')")).toEqual(["b:1"]);
    expect(await foundVersions("run_id != 'r2'")).toEqual(["a:1"]);
    expect(await foundVersions("version_number > 0 AND tags.t = '1'")).toEqual(["a:1"]);
    expect((await models.search({ ...everything, maxResults: 1 })).more).toBe(true);
    expect((await models.search({ ...everything, maxResults: 1, offset: 1 })).more).toBe(false);
    const listed = (await registry.listModels({ page: 1, page_size: 9 })).items;
    expect(listed.map(({ name }) => name)).toEqual(["a", "b"]);
    await expect(found("stage = 'x'")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("renames a model with its versions, and what rests on it finds it again", async () => {
    await registry.createModel(createModelRequest.parse({ name: "old" }), signal);
    await trained("old");
    await registry.createModel(createModelRequest.parse({ name: "tuned", base_model: "old:1" }), signal);
    await create("taken");
    await expect(models.rename("old", "taken")).rejects.toMatchObject({ code: "conflict" });
    expect(await models.rename("old", "new")).toMatchObject({ latestVersions: [{ name: "new" }] });
    expect((await registry.getModel("tuned")).base_model).toBe("new:1");
    await expect(models.get("old")).rejects.toMatchObject({ code: "not_found" });
  });

  it("finds out where the artifacts of a version are, and refuses what is not inside", async () => {
    await create("m");
    const inRun = "mlflow-artifacts:/0/r1/artifacts/model";
    await version("m", { source: inRun, runId: "r1" });
    expect(await models.versions.downloadUri("m", "1")).toBe(inRun);
    const fromModel = await version("m", { source: `models:/${loggedId}`, modelId: loggedId });
    expect(fromModel).toMatchObject({ source: `models:/${loggedId}`, runId: "r1" });
    expect(await models.versions.downloadUri("m", "2")).toBe(
      `mlflow-artifacts:/0/models/${loggedId}/artifacts`,
    );
    expect(told).toEqual([[loggedId, "m", 2]]);
    await version("m", { source: "models:/m/1" });
    expect(await models.versions.downloadUri("m", "3")).toBe(inRun);
    await models.setAlias("m", "best", "1");
    expect(await version("m", { source: "models:/m@best" })).toMatchObject({ source: "models:/m/1" });
    await version("m", { source: "runs:/r1/model", runId: "r1" });
    expect(await models.versions.downloadUri("m", "5")).toBe(inRun);
    for (const [source, runId] of [
      ["mlflow-artifacts:/0/r2/artifacts", "r1"],
      ["mlflow-artifacts:/0/r1/artifacts2", "r1"],
      [inRun, "unknown"],
      [inRun, null],
      ["mlflow-artifacts:/0/r1/artifacts/../../r2", "r1"],
      ["mlflow-artifacts:/0/r1/artifacts/%252e%252e/x", "r1"],
      ["http://h/api/2.0/mlflow-artifacts/artifacts/x", "r1"],
      ["runs:/r2/model", "r1"],
      ["s3://bucket/../x", null],
      ["s3://bucket/x%00", null],
      ["/etc/passwd", "r1"],
      ["file:///etc", "r1"],
      ["dummy-source", null],
      ["models:/m-2", null],
      ["models://host/m/1", null],
      ["models:/m@none", null],
    ] as const) {
      await expect(version("m", { source, runId }), source).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    await expect(version("m", { source: "models:/m/99" })).rejects.toMatchObject({ code: "not_found" });
    await expect(version("nobody")).rejects.toThrow("Registered Model with name=nobody not found");
  });
});

function pairs(tags: Record<string, string>) {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
