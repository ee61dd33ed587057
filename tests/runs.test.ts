import { HearthApiError } from "@hearth/sdk";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub[Symbol.asyncDispose]());

async function mlflow(path: string, body: unknown): Promise<unknown> {
  const answer = await hub.post(`/api/2.0/mlflow/${path}`, body);
  expect(answer.status).toBe(200);
  return await answer.json();
}

async function start(tags: { key: string; value: string }[] = []): Promise<string> {
  const body = { experiment_id: "0", run_name: "one", user_id: "ann", start_time: 1_700_000_000_000, tags };
  return created.parse(await mlflow("runs/create", body)).run.info.run_id;
}

async function put(runId: string, path: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const names = path.split("/").map(encodeURIComponent).join("/");
  const answer = await hub.fetch(`/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/${names}`, {
    method: "PUT",
    body,
  });
  expect(answer.status).toBe(200);
}

async function refusal(work: Promise<unknown>): Promise<HearthApiError> {
  const error = await work.then(
    () => new Error("it was not refused"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof HearthApiError) return error;
  throw error;
}

describe("one run", () => {
  test("who, where, and when its metrics were logged", async () => {
    const id = await start();
    await mlflow("runs/log-metric", { run_id: id, key: "loss", value: 0.5, step: 7, timestamp: 9e15 });
    expect(await hub.client.runs.get(id)).toMatchObject({
      user_id: "ann",
      lifecycle_stage: "active",
      artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
      metrics: { loss: 0.5 },
      latest_steps: { loss: 7 },
    });
    await hub.client.runs.removeAll([id]);
    expect((await hub.client.runs.get(id)).lifecycle_stage).toBe("deleted");
  });

  test("name, description and tags are changed together", async () => {
    const { runs } = hub.client;
    const id = await start([
      { key: "old", value: "1" },
      { key: "kept", value: "2" },
    ]);
    const change = { name: " new name ", description: "# Why", tags: { old: null, gone: null, team: "a" } };
    const changed = await runs.change(id, change);
    expect(changed.name).toBe("new name");
    expect(changed.tags).toMatchObject({ kept: "2", team: "a", "mlflow.note.content": "# Why" });
    expect(changed.tags["mlflow.runName"]).toBe("new name");
    expect(changed.tags).not.toHaveProperty("old");
    expect((await runs.change(id, { description: "" })).tags).not.toHaveProperty("mlflow.note.content");
    expect((await refusal(runs.change(id, { name: "x", tags: { "../a": "1" } }))).status).toBe(400);
    expect((await runs.get(id)).name).toBe("new name");
    expect(await refusal(runs.change(id, { name: "  " }))).toMatchObject({ details: { field: "name" } });
    expect((await refusal(runs.change("nothing", { name: "x" }))).status).toBe(404);
    await runs.removeAll([id]);
    expect((await refusal(runs.change(id, { name: "x" }))).message).toContain("Current state is deleted");
  });
});

describe("what a run came from", () => {
  test("data, models, registered versions, parent and children", async () => {
    const parent = await start();
    const id = await start([{ key: "mlflow.parentRunId", value: parent }]);
    const dataset = await hub.client.datasets.create({
      name: "small",
      path: await writeSmallDataset(hub.home),
    });
    const source = { source_type: "local", source: "a.csv", schema: "{}" };
    const made = z.object({ model: z.object({ info: z.object({ model_id: z.string() }) }) });
    const logged = await mlflow("logged-models", { experiment_id: "0", name: "net", source_run_id: id });
    const modelId = made.parse(logged).model.info.model_id;
    const inDataset = (name: string, digest: string) => ({
      dataset: { name, digest, ...source },
      tags: [{ key: "mlflow.data.context", value: "eval" }],
    });
    await mlflow("runs/log-inputs", {
      run_id: id,
      datasets: [inDataset("small", dataset.checksum.slice(0, 8)), inDataset("small", "12345678")],
      models: [{ model_id: "m-unknown" }],
    });
    await mlflow("runs/outputs", { run_id: id, models: [{ model_id: modelId, step: 3 }] });
    await mlflow("registered-models/create", { name: "net" });
    await mlflow("model-versions/create", { name: "net", source: `runs:/${id}/net`, run_id: id });

    const lineage = await hub.client.runs.lineage(id);
    expect(lineage.datasets).toMatchObject([
      { name: "small", digest: "12345678", context: "eval", dataset_id: null },
      { name: "small", context: "eval", source: "a.csv", dataset_id: dataset.id },
    ]);
    expect(lineage.models).toEqual([
      { id: modelId, name: "net", model_type: null, status: "PENDING", direction: "output", step: 3 },
      { id: "m-unknown", name: null, model_type: null, status: null, direction: "input", step: null },
    ]);
    expect(lineage.versions).toMatchObject([{ model: "net", version: 1 }]);
    expect(lineage).toMatchObject({ job: null, code: null, evaluated: null, parent: { id: parent } });
    const above = await hub.client.runs.lineage(parent);
    expect(above).toMatchObject({ parent: null, children: [{ id, name: "one" }], total_children: 1 });
    await hub.client.runs.removeAll([id]);
    expect((await hub.client.runs.lineage(parent)).children).toEqual([]);
  });

  test("a job of the hub tells its data, code and programs", async () => {
    await hub.addTinyModel("base");
    const { models, datasets, jobs, runs } = hub.client;
    const dataset = await datasets.create({
      name: "taught",
      path: await writeSmallDataset(hub.home, "taught"),
    });
    await models.create({ name: "tuned", task_type: "chat", base_model: "base:1" });
    const job = await jobs.create({ model_id: "tuned", dataset_id: "taught" });
    expect(await runs.lineage(job.run_id)).toMatchObject({
      job: { id: job.id, kind: "train" },
      datasets: [{ name: "taught", digest: dataset.checksum, context: "training", dataset_id: dataset.id }],
      versions: [{ model: "tuned", version: 1 }],
      code: { dirty: expect.toBeOneOf([true, false, null]) },
      environment: { node: process.versions.node },
    });
    await jobs.cancel(job.id);
  });

  test("traces of a run are found by it", async () => {
    const id = await start();
    const trace = (name: string, metadata: Record<string, string>) => ({
      trace: {
        trace_info: {
          trace_id: name,
          trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } },
          request_time: new Date().toISOString(),
          state: "OK",
          trace_metadata: metadata,
        },
      },
    });
    for (const body of [
      trace("tr-in", { "mlflow.sourceRun": id }),
      trace("tr-linked", {}),
      trace("tr-not", {}),
    ])
      expect((await hub.post("/api/3.0/mlflow/traces", body)).status).toBe(200);
    await mlflow("traces/link-to-run", { run_id: id, trace_ids: ["tr-linked"] });
    const { items, total } = await hub.client.traces.search({ run_id: id });
    expect(items.map((item) => item.id).toSorted()).toEqual(["tr-in", "tr-linked"]);
    expect(total).toBe(2);
  });
});

describe("artifacts", () => {
  const odd = ["50% off?.txt", "a b+c&d.txt", "ü‮txt.exe", "a%2Fb.txt", "<img src=x>.txt"];

  test("folders come first, and a long folder in parts", async () => {
    const { runs } = hub.client;
    const id = await start();
    expect(await runs.artifacts(id)).toEqual({ path: "", found: null, items: [], total: 0 });
    for (const name of ["b.txt", "a.txt", "z/inner.bin"]) await put(id, name, "four");
    const listing = await runs.artifacts(id);
    expect(listing.found).toMatchObject({ kind: "folder", size: null });
    expect(listing.items.map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ["z", "folder", null],
      ["a.txt", "file", 4],
      ["b.txt", "file", 4],
    ]);
    expect(Date.parse(listing.items[1]?.modified_at ?? "")).toBeGreaterThan(Date.now() - 600_000);
    const part = await runs.artifacts(id, { offset: 1, limit: 1 });
    expect([part.items.map(({ name }) => name), part.total]).toEqual([["a.txt"], 3]);
    const file = await runs.artifacts(id, { path: "z/inner.bin" });
    expect(file).toMatchObject({ found: { name: "inner.bin", kind: "file", size: 4 }, items: [], total: 0 });
    expect(await runs.artifacts(id, { path: "z/none" })).toMatchObject({ found: null });
  });

  test.each(odd)("a file named %s is listed and read", async (name) => {
    const { runs } = hub.client;
    const id = await start();
    await put(id, `f/${name}`, "content");
    expect((await runs.artifacts(id, { path: "f" })).items.map((item) => item.name)).toEqual([name]);
    const { bytes, size } = await runs.artifactStart(id, `f/${name}`, { bytes: 3 });
    expect([new TextDecoder().decode(bytes), size]).toEqual(["con", 7]);
  });

  test("only the beginning of a file comes, all of a small one, nothing of an empty one", async () => {
    const { runs } = hub.client;
    const id = await start();
    await put(id, "large", new Uint8Array(3_000_000));
    await put(id, "empty", "");
    const large = await runs.artifactStart(id, "large", { bytes: 1000 });
    expect([large.bytes.byteLength, large.size]).toEqual([1000, 3_000_000]);
    expect((await runs.artifactStart(id, "large", { bytes: 9_000_000 })).bytes.byteLength).toBe(3_000_000);
    expect(await runs.artifactStart(id, "empty", { bytes: 10 })).toEqual({
      bytes: new Uint8Array(),
      size: 0,
    });
    expect((await refusal(runs.artifactStart(id, "none", { bytes: 10 }))).status).toBe(404);
  });

  test.each(["page.html", "drawing.svg", "script.js", "paper.pdf"])(
    "%s is a download that runs nothing",
    async (name) => {
      const id = await start();
      await put(id, name, "<script>alert(1)</script>");
      const mlflowAddress = `${hub.url}/get-artifact?run_id=${id}&path=${name}`;
      for (const address of [hub.client.runs.artifactUrl(id, name), mlflowAddress]) {
        const answer = await fetch(address);
        expect(answer.status).toBe(200);
        expect(answer.headers.get("content-disposition")).toMatch(/^attachment;/);
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
        await answer.body?.cancel();
      }
    },
  );

  test.each(["../x", "a/../../b", "%2e%2e/x", "/etc/passwd", "..\\x"])("%s is refused", async (path) => {
    const id = await start();
    expect((await refusal(hub.client.runs.artifacts(id, { path }))).status).toBe(400);
    const answer = await hub.fetch(`/runs/${id}/artifacts/${encodeURIComponent(path)}`);
    expect(answer.status).toBe(400);
  });

  test("artifacts at another place are said to be there", async () => {
    const body = { name: "elsewhere", artifact_location: "s3://bucket/a" };
    const { experiment_id } = z
      .object({ experiment_id: z.string() })
      .parse(await mlflow("experiments/create", body));
    const { run } = created.parse(await mlflow("runs/create", { experiment_id, start_time: 1 }));
    const error = await refusal(hub.client.runs.artifacts(run.info.run_id));
    expect(error).toMatchObject({ status: 400, details: { artifact_uri: expect.stringMatching(/^s3:/) } });
  });
});
