import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createModelRequest,
  model as modelSchema,
  modelVersion as versionSchema,
  type Lineage,
} from "@hearth/wire/hub/models";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openArtifactStore, type ArtifactStore } from "../artifacts/fs/store.ts";
import { createDatasets } from "../datasets/datasets.ts";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createRuns, type Runs } from "../tracking/runs.ts";
import { emptyLineage } from "./present.ts";
import { createRegistry, type Registry } from "./registry.ts";

const signal = new AbortController().signal;
const page = { page: 1, page_size: 50 };
const sha256 = "a".repeat(64);

describeEachDatabase("the registry", (open) => {
  let home = "";
  let artifacts: ArtifactStore;
  let runs: Runs;
  let registry: Registry;
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), "hearth-registry-")));
    artifacts = await openArtifactStore({ home });
    const { database } = open();
    runs = createRuns({ database });
    registry = createRegistry({ database, artifacts, experiments: runs, dataPaths: [home] });
  });
  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });

  const create = (name: string, more: object = {}) =>
    registry.createModel(createModelRequest.parse({ name, ...more }), signal);
  const ready = async (
    model: string,
    request: { kind?: "full" | "adapter"; base?: string; lineage?: Lineage } = {},
  ) => {
    const version = await registry.createVersion({
      model,
      kind: request.kind ?? "full",
      baseVersionId: request.base ?? null,
      ...(request.lineage === undefined ? {} : { lineage: request.lineage }),
    });
    const folder = await artifacts.jobFolder(version.id);
    await writeFile(join(folder, "model.gguf"), `weights of ${version.id}`);
    const archived = await artifacts.moveToArchive(folder, version.id);
    return await registry.markReady(version.id, {
      artifactPath: join(archived, "model.gguf"),
      sha256,
      checksums: { "model.gguf": sha256 },
      metrics: { loss: 0.5, broken: Number.NaN },
    });
  };
  const kinds = async (model: string) =>
    (await registry.history(model, page)).items.map((event) => event.kind).toReversed();

  it("registers a model with its experiment, and a second of that name not", async () => {
    const model = await create("ember", { description: "warm", tags: { a: "b" }, task_type: "chat" });
    expect(modelSchema.parse(model)).toEqual(model);
    expect(model).toMatchObject({ name: "ember", task_type: "chat", aliases: {}, latest_version: null });
    expect(await runs.ensureExperiment("ember")).toBe(model.experiment_id);
    expect(await registry.getModel("ember")).toEqual(model);
    expect(await registry.getModel(model.id)).toEqual(model);
    await expect(create("ember")).rejects.toMatchObject({ code: "conflict", details: { name: "ember" } });
    expect(await kinds("ember")).toEqual(["created"]);
  });

  it("registers one of many that ask for the same name together", async () => {
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => create("ember")));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "conflict" });
    }
    expect((await registry.listModels(page)).total).toBe(1);
  });

  it("changes what may change and refuses what no database keeps", async () => {
    await create("ember");
    expect(await registry.updateModel("ember", { description: "new", tags: { x: "y" } })).toMatchObject({
      description: "new",
      tags: { x: "y" },
      task_type: "text-generation",
    });
    await expect(registry.updateModel("ember", { description: "a\0b" })).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(create("other", { tags: { "k\0": "v" } })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(await kinds("ember")).toEqual(["created", "updated"]);
  });

  it("lists in pages, the newest first", async () => {
    for (const name of ["a", "b", "c"]) await create(name);
    const names = async (page_number: number) =>
      (await registry.listModels({ page: page_number, page_size: 2 })).items.map((model) => model.name);
    expect([...(await names(1)), ...(await names(2))].toSorted()).toEqual(["a", "b", "c"]);
    expect((await registry.listModels({ page: 3, page_size: 2 })).items).toEqual([]);
  });

  it("takes a version from training to ready", async () => {
    await create("ember");
    const started = await registry.createVersion({ model: "ember", kind: "full" });
    expect(versionSchema.parse(started)).toEqual(started);
    expect(started).toMatchObject({ version: 1, status: "training", artifact_path: null, model: "ember" });
    await expect(registry.resolve("ember:1")).rejects.toMatchObject({
      code: "conflict",
      details: { status: "training" },
    });
    const finished = await registry.markReady(started.id, {
      artifactPath: join(home, "storage", "archive", started.id, "model.gguf"),
      sha256,
      checksums: { "model.gguf": sha256 },
      metrics: { loss: 0.5, broken: Number.NaN },
      summary: { architecture: "llama", context: 512 },
    });
    expect(versionSchema.parse(finished)).toEqual(finished);
    expect(finished).toMatchObject({
      status: "ready",
      artifact_path: join(home, "storage", "archive", started.id, "model.gguf"),
      metrics: { loss: 0.5 },
      summary: { architecture: "llama", context: 512 },
    });
    expect(await registry.resolve("ember")).toEqual(finished);
    expect(await registry.recordMetrics(started.id, { accuracy: 0.9 })).toMatchObject({
      metrics: { loss: 0.5, accuracy: 0.9 },
    });
    for (const again of [
      () => registry.markReady(started.id, { artifactPath: "x", sha256, checksums: {} }),
      () => registry.markFailed(started.id, { code: "x", message: "y" }),
    ]) {
      await expect(again()).rejects.toMatchObject({ code: "conflict" });
    }
    expect(await kinds("ember")).toEqual(["created", "version_added", "version_ready"]);
  });

  it("keeps why a version failed", async () => {
    await create("ember");
    const { id } = await registry.createVersion({ model: "ember", kind: "full" });
    expect(await registry.markFailed(id, { code: "training_failed", message: "NaN" })).toMatchObject({
      status: "failed",
      error: { code: "training_failed", message: "NaN" },
    });
    await expect(registry.resolve("ember")).rejects.toMatchObject({
      code: "conflict",
      details: { status: "failed" },
    });
    await expect(registry.setAlias("ember", "champion", 1)).rejects.toMatchObject({ code: "conflict" });
  });

  it("numbers versions without gaps, however many start together", async () => {
    await create("ember");
    const versions = await Promise.all(
      Array.from({ length: 8 }, () => registry.createVersion({ model: "ember", kind: "full" })),
    );
    expect(versions.map((version) => version.version).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect((await registry.getModel("ember")).latest_version).toBe(8);
    expect(
      (await registry.versions("ember", { page: 1, page_size: 3 })).items.map((version) => version.version),
    ).toEqual([8, 7, 6]);
  });

  it("understands every way to name a version", async () => {
    const model = await create("ember");
    const first = await ready("ember");
    const second = await ready("ember");
    await registry.createVersion({ model: "ember", kind: "full" });
    const resolved = async (reference: string) => {
      const { id, model: name, version, sha256, lineage } = await registry.resolve(reference);
      // The short way of every inference request must always mean the same version.
      const served = await registry.served(reference);
      expect(served).toEqual({ id, model: name, version, sha256, run_id: lineage.run_id });
      return version;
    };
    expect(await resolved("ember")).toBe(2);
    await registry.setAlias("ember", "champion", 1);
    await registry.setAlias("ember", "canary", 2);
    expect(await resolved("ember")).toBe(1);
    expect(await resolved("ember:2")).toBe(2);
    expect(await resolved("ember@canary")).toBe(2);
    expect(await resolved(`${model.id}@canary`)).toBe(2);
    expect(await resolved(model.id)).toBe(1);
    expect(await resolved(second.id)).toBe(2);
    expect((await registry.getVersion("ember:3")).status).toBe("training");
    expect((await registry.getVersion(first.id)).aliases).toEqual(["champion"]);
  });

  it("says what is closest when nothing has that name", async () => {
    await expect(registry.resolve("ember")).rejects.toMatchObject({
      code: "not_found",
      details: { closest: [] },
    });
    await create("ember");
    await create("email-triage");
    await expect(registry.resolve("embr:2")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("ember"),
      details: { closest: ["ember"] },
    });
    await expect(registry.getModel("nothing-like-it")).rejects.toMatchObject({
      message: expect.stringContaining("Registered are: "),
    });
    await expect(registry.resolve("ember")).rejects.toMatchObject({ code: "conflict" });
    await ready("ember");
    await registry.setAlias("ember", "champion", 1);
    await expect(registry.resolve("ember:9")).rejects.toMatchObject({
      code: "not_found",
      details: { latest_version: 1 },
    });
    await expect(registry.resolve("ember@champoin")).rejects.toMatchObject({
      details: { closest: ["champion"] },
    });
    for (const strange of [
      "",
      "a\0b",
      "ember@",
      "ember:",
      "ember:0",
      ":1",
      "@champion",
      "ember:1@champion",
      "x".repeat(5000),
    ]) {
      await expect(registry.resolve(strange), strange).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("moves aliases between ready versions and remembers each move", async () => {
    await create("ember");
    await ready("ember");
    await ready("ember");
    await registry.setAlias("ember", "champion", 1, { checks: ["accuracy"] });
    await registry.setAlias("ember", "champion", 1);
    await registry.setAlias("ember", "champion", 2);
    expect((await registry.setAlias("ember", "champion", 1)).aliases).toEqual({ champion: 1 });
    expect((await registry.removeAlias("ember", "champion")).aliases).toEqual({});
    await expect(registry.removeAlias("ember", "champion")).rejects.toMatchObject({ code: "not_found" });
    for (const name of ["latest", "v3", "a b", ""]) {
      await expect(registry.setAlias("ember", name, 1), name).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    const events = (await registry.history("ember", page)).items.filter(
      (event) => event.details["alias"] === "champion",
    );
    expect(
      events.map((event) => [event.kind, event.version, event.details["previous_version"]]).toReversed(),
    ).toEqual([
      ["promoted", 1, null],
      ["promoted", 2, 1],
      ["rolled_back", 1, 2],
      ["alias_removed", 1, undefined],
    ]);
    expect(events.at(-1)?.details["checks"]).toEqual(["accuracy"]);
  });

  it("archives a version that nothing points to", async () => {
    await create("ember");
    const { id } = await ready("ember");
    await registry.setAlias("ember", "champion", 1);
    await expect(registry.archiveVersion(id)).rejects.toMatchObject({
      code: "conflict",
      details: { aliases: ["champion"] },
    });
    await registry.removeAlias("ember", "champion");
    expect(await registry.archiveVersion(id)).toMatchObject({ status: "archived" });
    await expect(registry.resolve("ember:1")).rejects.toMatchObject({ code: "conflict" });
  });

  it("puts adapters on full weights only, and finds those again", async () => {
    await create("ember");
    await create("tuned", { base_model: "ember" });
    const base = await ready("ember");
    const adapter = await ready("tuned", { kind: "adapter", base: base.id });
    expect((await registry.baseOf(adapter)).id).toBe(base.id);
    expect((await registry.baseOf(base)).id).toBe(base.id);
    const attempt = (baseVersionId: string | null) =>
      registry.createVersion({ model: "tuned", kind: "adapter", baseVersionId });
    await expect(attempt(null)).rejects.toMatchObject({ code: "invalid_request" });
    await expect(attempt(adapter.id)).rejects.toMatchObject({ code: "invalid_request" });
    await expect(attempt("missing")).rejects.toMatchObject({ code: "not_found" });
    const { id } = await registry.createVersion({ model: "ember", kind: "full" });
    await expect(attempt(id)).rejects.toMatchObject({ code: "conflict" });
    await expect(create("third", { base_model: "embre" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("deletes a model with its files, but not one that others stand on", async () => {
    await create("ember");
    await create("tuned");
    const base = await ready("ember");
    await ready("ember", { kind: "adapter", base: base.id });
    const adapter = await ready("tuned", { kind: "adapter", base: base.id });
    await expect(registry.deleteModel("ember")).rejects.toMatchObject({
      code: "conflict",
      details: { dependents: ["tuned:1"] },
    });
    expect(await readFile(base.artifact_path ?? "", "utf8")).toContain("weights");
    await registry.deleteModel("tuned");
    await expect(readFile(adapter.artifact_path ?? "")).rejects.toThrow("ENOENT");
    await expect(registry.getModel("tuned")).rejects.toMatchObject({ code: "not_found" });
    await registry.deleteModel("ember");
    await expect(readFile(base.artifact_path ?? "")).rejects.toThrow("ENOENT");
    const again = await create("ember");
    expect(again).toMatchObject({ latest_version: null });
    expect(await kinds("ember")).toEqual(["created"]);
  });

  it("keeps a dataset that a version was made from, and a model that a job works on", async () => {
    const { database } = open();
    const datasets = createDatasets({ database, artifacts, dataPaths: [home] });
    await writeFile(join(home, "d.jsonl"), '{"text":"a"}\n');
    const dataset = await datasets.register({ name: "d", path: join(home, "d.jsonl") }, signal);
    const model = await create("ember");
    const version = await ready("ember", {
      lineage: {
        ...emptyLineage,
        dataset: { id: dataset.id, name: dataset.name, version: 1, sha256: dataset.checksum, splits: {} },
      },
    });
    expect(version.lineage.dataset?.sha256).toBe(dataset.checksum);
    await expect(datasets.remove("d")).rejects.toMatchObject({
      code: "conflict",
      details: { versions: ["ember:1"] },
    });
    const run = await runs.createRun({
      experimentId: await registry.experimentOf(model.id),
      kind: "training",
    });
    const job = {
      id: "job",
      kind: "train",
      model_id: model.id,
      dataset_id: dataset.id,
      version_id: version.id,
      run_id: run.id,
      status: "queued",
      parameters: "{}",
      specification: "{}",
      attempt: 0,
      max_retries: 2,
      cancel_requested: 0,
      updated_at: 1,
      created_at: 1,
    } as const;
    await database.db.insertInto("jobs").values(job).execute();
    await expect(registry.deleteModel("ember")).rejects.toMatchObject({
      code: "conflict",
      details: { jobs: ["job"] },
    });
    await database.db.updateTable("jobs").set({ status: "completed", updated_at: 2 }).execute();
    await registry.deleteModel("ember");
    await datasets.remove("d");
    expect((await datasets.list(page)).total).toBe(0);
    expect((await runs.getRun(run.id)).id).toBe(run.id);
  });

  it("takes part in a transaction of its caller", async () => {
    const { database } = open();
    await expect(
      database.transaction(async () => {
        const model = await create("ember");
        await registry.createVersion({ model: model.id, kind: "full" });
        await runs.createRun({ experimentId: await registry.experimentOf(model.id), kind: "training" });
        throw new Error("the job could not be queued");
      }),
    ).rejects.toThrow("the job could not be queued");
    expect((await registry.listModels(page)).total).toBe(0);
    expect((await runs.searchRuns(page)).total).toBe(0);
  });

  it("keeps what others tell its history", async () => {
    const model = await create("ember");
    await registry.recordEvent(model.id, { kind: "evaluated", version: 1, details: { accuracy: 0.5 } });
    expect((await registry.history("ember", { page: 1, page_size: 1 })).items).toMatchObject([
      { kind: "evaluated", version: 1, details: { accuracy: 0.5 } },
    ]);
    expect((await registry.history("ember", page)).total).toBe(2);
  });
});
