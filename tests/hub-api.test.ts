import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HearthApiError } from "@hearth/sdk";
import { hubError } from "@hearth/wire/hub/common";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel();
});
afterAll(() => hub[Symbol.asyncDispose]());

/** The hub's error, or a failure when there was none. */
async function refusal(work: Promise<unknown>): Promise<HearthApiError> {
  const error = await work.then(
    () => new Error("it was not refused"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HearthApiError);
  return error as HearthApiError;
}

describe("models", () => {
  test("create, read, change, list, delete", async () => {
    const { models } = hub.client;
    const made = await models.create({ name: "one", description: "first", tags: { a: "b" } });
    expect(made).toMatchObject({
      name: "one",
      task_type: "text-generation",
      latest_version: null,
      aliases: {},
    });
    expect(await models.get("one")).toEqual(made);
    expect(await models.get(made.id)).toEqual(made);
    expect(await models.update("one", { description: "changed" })).toMatchObject({
      description: "changed",
      tags: { a: "b" },
    });
    const page = await models.list({ pageSize: 1 });
    expect(page).toMatchObject({ page: 1, page_size: 1, items: [{ name: "one" }] });
    expect(page.total).toBeGreaterThanOrEqual(2);
    await models.remove("one");
    expect(await refusal(models.get("one"))).toMatchObject({ status: 404, code: "not_found" });
  });

  test("a taken name is a conflict, an unknown one names the closest", async () => {
    expect(await refusal(hub.client.models.create({ name: "tiny" }))).toMatchObject({
      status: 409,
      code: "conflict",
    });
    expect(await refusal(hub.client.models.get("tyny"))).toMatchObject({
      status: 404,
      details: { closest: ["tiny"] },
    });
  });

  test.each([
    ["name", { name: "" }],
    ["name", { name: "../x" }],
    ["name", {}],
    ["task_type", { name: "x", task_type: "dance" }],
    ["colour", { name: "x", colour: 1 }],
  ])("a wrong %s is named", async (field, body) => {
    const response = await hub.post("/models", body);
    expect(response.status).toBe(400);
    const { error } = hubError.parse(await response.json());
    expect(error).toMatchObject({ code: "invalid_request", details: { field } });
    expect(error.message).toContain(field);
  });

  test("versions, aliases and history", async () => {
    const { models } = hub.client;
    const versions = await models.versions("tiny");
    expect(versions).toMatchObject({
      total: 1,
      items: [{ version: 1, status: "ready", kind: "full", model: "tiny" }],
    });
    expect(await models.version("tiny", 1)).toEqual(versions.items[0]);
    expect(await models.setAlias("tiny", "stable", 1)).toMatchObject({ aliases: { stable: 1 } });
    expect((await models.resolve("tiny@stable")).id).toBe(versions.items[0]?.id);
    expect(await models.removeAlias("tiny", "stable")).toMatchObject({ aliases: {} });
    expect(await refusal(models.resolve("tiny@stable"))).toMatchObject({ status: 404 });
    expect(await refusal(models.setAlias("tiny", "latest", 1))).toMatchObject({ status: 400 });
    expect(await refusal(models.setAlias("tiny", "stable", 9))).toMatchObject({ status: 404 });
    const history = await models.history("tiny");
    expect(history.total).toBeGreaterThanOrEqual(3);
  });

  test("importing a second version", async () => {
    const path = join(hub.home, "tiny-1.gguf");
    expect(await hub.client.models.importVersion("tiny", path)).toMatchObject({
      version: 2,
      status: "ready",
    });
  });

  test("a file that is no model registers nothing", async () => {
    const path = join(hub.home, "broken.gguf");
    await writeFile(path, "GGUF then nonsense");
    expect(await refusal(hub.client.models.create({ name: "broken", path }))).toMatchObject({
      status: 422,
      code: "model_load_failed",
    });
    expect(await refusal(hub.client.models.get("broken"))).toMatchObject({ status: 404 });
  });

  test("what was imported cannot be reproduced", async () => {
    expect(await refusal(hub.client.models.reproduce("tiny", 1))).toMatchObject({ status: 400 });
  });
});

describe("paths", () => {
  test.each(["/etc/passwd", "../../../etc/passwd", "/proc/self/environ"])("%s is outside", async (path) => {
    expect(await refusal(hub.client.datasets.create({ name: "x", path }))).toMatchObject({
      status: 400,
      code: "path_not_allowed",
    });
    expect(await refusal(hub.client.models.create({ name: "x", path }))).toMatchObject({
      status: 400,
      code: "path_not_allowed",
    });
  });

  test("a symbolic link out of the allowed folders", async () => {
    const path = join(hub.home, "link.jsonl");
    await symlink("/etc/passwd", path);
    expect(await refusal(hub.client.datasets.create({ name: "x", path }))).toMatchObject({
      code: "path_not_allowed",
    });
  });
});

describe("datasets", () => {
  test("register, read, list, verify, delete", async () => {
    const { datasets } = hub.client;
    const made = await datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
    expect(made).toMatchObject({
      name: "colours",
      format: "chat",
      rows: 21,
      splits: { train: { rows: 12 } },
    });
    expect(await datasets.get("colours")).toEqual(made);
    expect((await datasets.list()).items).toContainEqual(made);
    expect(await datasets.verify(made.id)).toEqual({
      ok: true,
      checksum: made.checksum,
      problems: [],
      notes: [],
    });
    await datasets.remove(made.id);
    expect(await refusal(datasets.get("colours"))).toMatchObject({ status: 404 });
  });

  test("rows, statistics and uses are read", async () => {
    const { datasets } = hub.client;
    const folder = await writeSmallDataset(hub.home, "seen");
    const made = await datasets.create({ name: "seen", path: folder });
    const rows = await datasets.rows("seen", { split: "test", offset: 4, limit: 5 });
    expect(rows).toMatchObject({ split: "test", offset: 4, total: 6 });
    expect(rows.items.map((row) => row.format === "chat" && row.messages[0]?.content)).toEqual([
      "frog?",
      "ink?",
    ]);
    const statistics = await datasets.statistics(made.id);
    expect(statistics.rows).toBe(21);
    expect(statistics.labels[0]).toEqual({ label: "blue", counts: { train: 4, validation: 1, test: 2 } });
    expect(statistics.lengths.bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(21);
    expect(await datasets.uses("seen")).toEqual({ versions: [], jobs: [], evaluations: [] });
    expect(await refusal(datasets.rows("seen", { limit: 101 }))).toMatchObject({ status: 400 });
    await datasets.remove(made.id);
  });

  test("an upload of several files", async () => {
    const line = (text: string) => new Blob([`${JSON.stringify({ prompt: text, completion: "y" })}\n`]);
    const made = await hub.client.datasets.upload("sent", [
      { name: "train.jsonl", content: line("a") },
      { name: "test.jsonl", content: line("b") },
    ]);
    expect(made).toMatchObject({
      name: "sent",
      format: "prompt",
      rows: 2,
      splits: { train: { rows: 1 }, test: { rows: 1 } },
    });
  });

  test("an upload without name, without files, or with something else", async () => {
    const send = (entries: [string, string | Blob][]) => {
      const form = new FormData();
      for (const [name, value] of entries) form.append(name, value);
      return hub.fetch("/datasets", { method: "POST", body: form });
    };
    const file = new Blob(["{}"]);
    for (const entries of [
      [["files", file]],
      [["name", "x"]],
      [
        ["name", "x"],
        ["files", "text"],
      ],
      [
        ["name", "x"],
        ["files", file],
        ["more", "y"],
      ],
    ] as [string, string | Blob][][]) {
      const response = await send(entries);
      expect(response.status).toBe(400);
      expect(hubError.parse(await response.json()).error.code).toBe("invalid_request");
    }
    expect(await readdir(join(hub.home, "incoming"))).toEqual([]);
  });

  test.each([
    ["missing.jsonl", null, 404, "not_found"],
    ["empty.jsonl", "", 400, "dataset_invalid"],
    ["text.jsonl", "hello\n", 400, "dataset_invalid"],
    ["wrong.jsonl", '{"prompt":"a","completion":"b"}\n{"prompt":1}\n', 400, "dataset_invalid"],
  ])("%s", async (name, content, status, code) => {
    const path = join(hub.home, name);
    if (content !== null) await writeFile(path, content);
    const error = await refusal(hub.client.datasets.create({ name: "bad", path }));
    expect(error).toMatchObject({ status, code });
    if (name === "wrong.jsonl") expect(error.message).toMatch(/line 2/i);
  });
});

describe("training jobs", () => {
  test("wrong requests name the field", async () => {
    await mkdir(join(hub.home, "more"));
    const dataset = await hub.client.datasets.create({
      name: "jobs",
      path: await writeSmallDataset(join(hub.home, "more")),
    });
    const base = { model_id: "tiny", dataset_id: dataset.id, base_model: "tiny" };
    const { jobs } = hub.client;
    expect(await jobs.bases()).toContain("tiny:1");
    expect(await refusal(jobs.create({ ...base, lora_rank: 0 }))).toMatchObject({
      status: 400,
      details: { field: "lora_rank" },
    });
    expect(await refusal(jobs.create({ ...base, epochs: -1 }))).toMatchObject({
      status: 400,
      details: { field: "epochs" },
    });
    expect(await refusal(jobs.create({ ...base, lora_rank: 200 }))).toMatchObject({
      status: 400,
      details: { field: "lora_rank" },
    });
    expect(await refusal(jobs.create({ ...base, sample_prompts: [] }))).toMatchObject({
      status: 400,
      details: { field: "sample_prompts" },
    });
    await writeFile(join(hub.home, "unheld.jsonl"), '{"prompt":"a","completion":"b"}\n');
    await hub.client.datasets.create({ name: "unheld", path: join(hub.home, "unheld.jsonl") });
    const unheld = { ...base, dataset_id: "unheld", batch_size: 1, sample_steps: 2 };
    expect(await refusal(jobs.create(unheld))).toMatchObject({
      status: 400,
      message: expect.stringContaining("no validation split to take prompts from"),
      details: { field: "sample_steps" },
    });
    expect(await jobs.estimate({ ...unheld, sample_prompts: ["a"] })).toMatchObject({ steps: 3 });
    expect(await jobs.estimate({ ...unheld, sample_steps: 0 })).toMatchObject({ steps: 3 });
    expect(await refusal(jobs.create({ ...base, dataset_id: "none" }))).toMatchObject({ status: 404 });
    expect(await refusal(jobs.create({ ...base, model_id: "none" }))).toMatchObject({ status: 404 });
  });

  test("an unknown job", async () => {
    expect(await refusal(hub.client.jobs.get("nope"))).toMatchObject({ status: 404 });
    expect(await refusal(hub.client.jobs.cancel("nope"))).toMatchObject({ status: 404 });
    expect(await refusal(hub.client.jobs.samples("nope"))).toMatchObject({ status: 404 });
    const events = hub.client.jobs.events("nope");
    expect(await refusal(events.next())).toMatchObject({ status: 404 });
  });

  test("first come, first served; cancel of a queued and of a running one", async () => {
    const { jobs } = hub.client;
    const request = { model_id: "tiny", dataset_id: "jobs", base_model: "tiny", epochs: 1000, batch_size: 1 };
    const first = await jobs.create(request);
    const second = await jobs.create(request);
    const listener = jobs.events(first.id);
    for await (const event of listener) if (event.type === "progress" && event.progress.step > 0) break;
    expect((await jobs.list({ status: "queued" })).items.map((job) => job.id)).toEqual([second.id]);
    const status = await hub.client.status();
    expect(status).toMatchObject({
      running_job: { id: first.id },
      queued_jobs: [{ id: second.id }],
      jobs: { queued: 1, running: 1 },
    });
    expect(await jobs.cancel(second.id)).toMatchObject({ status: "cancelled" });
    await jobs.cancel(first.id);
    const ends: string[] = [];
    for await (const event of jobs.events(first.id)) if (event.type === "status") ends.push(event.job.status);
    expect(ends.at(-1)).toBe("cancelled");
    expect(await refusal(jobs.cancel(first.id))).toMatchObject({ status: 409 });
  });
});

describe("inference", () => {
  const prompt = { model_id: "tiny", prompt: "abc", max_tokens: 5, temperature: 0 };

  test("whole and streamed give the same text", async () => {
    const whole = await hub.client.inference.run(prompt);
    expect(whole).toMatchObject({ tokens: 5, finish_reason: "length", model_version: "tiny:2" });
    expect(whole.latency_ms).toBeGreaterThanOrEqual(whole.ttft_ms);
    const stream = hub.client.inference.stream(prompt);
    let text = "";
    for (let next = await stream.next(); ; next = await stream.next()) {
      if (next.done === true) {
        expect(next.value.text).toBe(text);
        break;
      }
      text += next.value;
    }
    expect(text).toBe(whole.text);
    expect(await hub.client.traces.get(whole.trace_id)).toMatchObject({
      endpoint: "/inference",
      completion_tokens: 5,
    });
  });

  test("refusals", async () => {
    expect(await refusal(hub.client.inference.run({ ...prompt, model_id: "none" }))).toMatchObject({
      status: 404,
    });
    expect(await refusal(hub.client.inference.run({ ...prompt, temperature: 9 }))).toMatchObject({
      status: 400,
      details: { field: "temperature" },
    });
    expect(
      await refusal(hub.client.inference.run({ ...prompt, prompt: "word ".repeat(3000) })),
    ).toMatchObject({ status: 400, details: { context_size: 512 } });
  });

  test("the SDK's chat streams over the OpenAI route", async () => {
    const chat = hub.client.chat({
      model: "tiny",
      messages: [{ role: "user", content: "hi" }],
      maxTokens: 4,
      temperature: 0,
    });
    let text = "";
    let next = await chat.next();
    for (; next.done !== true; next = await chat.next()) text += next.value;
    expect(next.value).toMatchObject({ text, model: "tiny:2", completionTokens: 4, finishReason: "length" });
    expect(await hub.client.traces.get(next.value.traceId ?? "")).toMatchObject({ completion_tokens: 4 });
  });
});

describe("tracking", () => {
  test("runs and traces", async () => {
    const runs = await hub.client.runs.list();
    const training = runs.items.find((run) => run.kind === "training");
    expect(training?.status).toMatch(/KILLED/);
    expect(await hub.client.runs.get(training?.id ?? "")).toMatchObject({ ...training });
    expect(await refusal(hub.client.runs.get("none"))).toMatchObject({ status: 404 });
    expect(await refusal(hub.client.traces.get("none"))).toMatchObject({ status: 404 });
    expect((await hub.client.traces.list({ pageSize: 2 })).items).toHaveLength(2);
  });
});

describe("routes", () => {
  test("every hub route answers under /api as well", async () => {
    for (const path of [
      "/models",
      "/datasets",
      "/training/jobs",
      "/evaluations",
      "/runs",
      "/traces",
      "/health",
      "/status",
      "/metrics",
    ]) {
      const [bare, under] = await Promise.all([hub.fetch(path), hub.fetch(`/api${path}`)]);
      expect([bare.status, under.status]).toEqual([200, 200]);
      await Promise.all([bare.text(), under.text()]);
    }
  });

  test("an unknown route names the closest, a wrong method those that work", async () => {
    const unknown = await hub.fetch("/modles");
    expect(unknown.status).toBe(404);
    expect(hubError.parse(await unknown.json()).error.message).toContain("/models");
    const wrong = await hub.fetch("/training/jobs", { method: "DELETE" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, POST");
    const openai = await hub.post("/v1/chat/completion", {});
    expect(openai.status).toBe(404);
    expect(await openai.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  test("queries are as strict as bodies", async () => {
    for (const query of ["page=0", "page_size=1000", "page=x", "colour=red", "page=1&page=2"]) {
      const response = await hub.fetch(`/models?${query}`);
      expect(response.status).toBe(400);
      await response.body?.cancel();
    }
  });
});
