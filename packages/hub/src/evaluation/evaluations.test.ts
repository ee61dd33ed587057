import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { evaluation } from "@hearth/wire/hub/evaluation";
import { openArtifactStore } from "../artifacts/fs/store.ts";
import { createDatasets } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import { createRegistry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createRuns } from "../tracking/runs.ts";
import { createEvaluations } from "./evaluations.ts";
import type { Ask, Evaluations, Question } from "./evaluations.ts";

const never = new AbortController().signal;
let home: string;
let database: Database;
let registry: ReturnType<typeof createRegistry>;
let runs: ReturnType<typeof createRuns>;
let evaluations: Evaluations;
let asked: Question[];
let answers: (question: Question, signal: AbortSignal) => Promise<string> | string;

/** Version 1 answers "work" to everything, version 2 knows. */
function knows(question: Question): string {
  const text =
    question.prompt.kind === "chat" ? (question.prompt.messages.at(-1)?.content ?? "") : question.prompt.text;
  if (question.version.version === 1) return "work";
  return text.includes("lottery") ? "spam" : "work";
}

async function prepare(opened: Database): Promise<void> {
  database = opened;
  home = await mkdtemp(join(tmpdir(), "hearth-evaluation-"));
  const artifacts = await openArtifactStore({ home });
  runs = createRuns({ database });
  registry = createRegistry({ database, artifacts, experiments: runs, dataPaths: [home] });
  const datasets = createDatasets({ database, artifacts, dataPaths: [home] });
  asked = [];
  answers = knows;
  const ask: Ask = async (question, signal) => {
    asked.push(question);
    return { text: await answers(question, signal), ttftMs: 5, latencyMs: 9 };
  };
  evaluations = createEvaluations({ database, registry, datasets, runs, ask });
  await registry.createModel(
    { name: "triage", task_type: "classification", description: "", tags: {} },
    never,
  );
  for (const content of ["one", "two"]) {
    const file = join(home, `${content}.gguf`);
    await writeFile(file, content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const version = await registry.createVersion({ model: "triage", kind: "full" });
    await registry.markReady(version.id, {
      artifactPath: file,
      sha256,
      checksums: {},
      metrics: { validation_loss: content === "one" ? 2 : 1 },
    });
  }
  const folder = join(home, "mails");
  await mkdir(folder);
  const mail = (text: string, label: string) =>
    JSON.stringify({
      messages: [
        { role: "system", content: "one word" },
        { role: "user", content: text },
        { role: "assistant", content: label },
      ],
    });
  const rows = Array.from({ length: 10 }, (_, index) =>
    index % 2 === 0 ? mail(`lottery ${index}`, "spam") : mail(`meeting ${index}`, "work"),
  );
  await writeFile(join(folder, "test.jsonl"), rows.join("\n"));
  await writeFile(join(folder, "train.jsonl"), rows.slice(0, 4).join("\n"));
  await datasets.register({ name: "mails", path: folder }, never);
  await writeFile(join(home, "text.jsonl"), '{"text":"once upon a time"}\n');
  await datasets.register({ name: "text", path: join(home, "text.jsonl") }, never);
}

const request = (model: string, more: object = {}) => ({
  model,
  dataset: "mails",
  split: "test" as const,
  concurrency: 3,
  ...more,
});
const run = (model: string, more: object = {}) =>
  evaluations.run(request(model, more), never, () => undefined);

describeEachDatabase("evaluations", (open) => {
  beforeEach(() => prepare(open().database));
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("an evaluation asks every row without its answer and keeps figures, run, version metrics and history", async () => {
    const progress: number[] = [];
    const result = await evaluations.run(request("triage:2"), never, ({ done, total }) => {
      expect(total).toBe(10);
      progress.push(done);
    });
    expect(progress).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(evaluation.parse(result)).toEqual(result);
    expect(result).toMatchObject({
      model: "triage",
      version: 2,
      rows: 10,
      metrics: { accuracy: 1, invalid_rate: 0, macro_f1: 1, ttft_ms: 5, latency_ms: 9 },
      examples: [],
    });
    expect(result.confusion).toEqual({ spam: { spam: 5 }, work: { work: 5 } });
    expect(asked).toHaveLength(10);
    expect(asked[0]).toMatchObject({
      prompt: { messages: [{ role: "system" }, { role: "user", content: "lottery 0" }] },
      maxTokens: 12,
    });
    expect(await runs.getRun(result.run_id)).toMatchObject({
      kind: "evaluation",
      status: "FINISHED",
      metrics: { accuracy: 1 },
      params: { split: "test", model: "triage:2", rows: "10" },
    });
    expect((await registry.getVersion("triage:2")).metrics).toEqual({
      validation_loss: 1,
      accuracy: 1,
      invalid_rate: 0,
      macro_f1: 1,
    });
    expect((await registry.history("triage", { page: 1, page_size: 1 })).items[0]).toMatchObject({
      kind: "evaluated",
      version: 2,
      details: { evaluation_id: result.id, accuracy: 1 },
    });
    expect(await evaluations.get(result.id)).toEqual(result);
    expect(await evaluations.list({ page: 1, page_size: 10 })).toEqual({
      items: [result],
      total: 1,
      page: 1,
      page_size: 10,
    });
  });

  it("another split has metrics of its own name; a limit asks the first rows only", async () => {
    await run("triage:1");
    const limited = await run("triage:1", { split: "train", limit: 2 });
    expect(limited).toMatchObject({
      rows: 2,
      metrics: { accuracy: 0.5 },
      examples: [{ row: 1, expected: "spam", answer: "work" }],
    });
    expect((await registry.getVersion("triage:1")).metrics).toMatchObject({
      accuracy: 0.5,
      train_accuracy: 0.5,
    });
  });

  it("never more questions at once than allowed", async () => {
    let open = 0;
    let most = 0;
    answers = async (question) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return knows(question);
    };
    await run("triage:2", { concurrency: 4 });
    expect(most).toBe(4);
  });

  it("a row that is too long for the model counts as not answered", async () => {
    answers = (question) => {
      if (knows(question) === "spam")
        throw new HearthError("invalid_request", "the prompt has 900 tokens, the context 256");
      return "work";
    };
    expect(await run("triage:2")).toMatchObject({
      metrics: { accuracy: 0.5, refused_rate: 0.5, invalid_rate: 0.5 },
      confusion: { spam: { "(refused)": 5 }, work: { work: 5 } },
    });
  });

  it("a failure and an abort end the evaluation and its run, and nothing is kept", async () => {
    answers = () => {
      throw new HearthError("generation_failed", "the engine died");
    };
    await expect(run("triage:2")).rejects.toMatchObject({ code: "generation_failed" });
    const stop = new AbortController();
    answers = (_question, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new HearthError("cancelled", "the caller left")));
        stop.abort(new HearthError("cancelled", "the caller left"));
      });
    await expect(evaluations.run(request("triage:2"), stop.signal, () => undefined)).rejects.toMatchObject({
      code: "cancelled",
    });
    const { items } = await runs.searchRuns({ page: 1, page_size: 10, kind: "evaluation" });
    expect(items.map((item) => item.status).toSorted()).toEqual(["FAILED", "KILLED"]);
    expect((await evaluations.list({ page: 1, page_size: 10 })).total).toBe(0);
    expect((await registry.getVersion("triage:2")).metrics).not.toHaveProperty("accuracy");
  });

  it("what cannot be evaluated is refused before anything is asked", async () => {
    await expect(run("triage:2", { split: "validation" })).rejects.toMatchObject({
      code: "invalid_request",
      details: { field: "split", value: "validation" },
    });
    await expect(run("triage:9")).rejects.toMatchObject({ code: "not_found" });
    await expect(run("triage:2", { dataset: "nothing" })).rejects.toMatchObject({ code: "not_found" });
    await expect(run("triage:2", { dataset: "text", split: "train" })).rejects.toMatchObject({
      code: "invalid_request",
      details: { field: "dataset" },
    });
    await expect(evaluations.get("no-such")).rejects.toMatchObject({ code: "not_found" });
    expect(asked).toHaveLength(0);
  });

  it("promotion is earned: refused with figures, then granted, then the champion must be beaten", async () => {
    const unmeasured = await evaluations.promote("triage", {
      version: 1,
      alias: "champion",
      require: ["accuracy>=0.4"],
    });
    expect(unmeasured).toMatchObject({ promoted: false, checks: [{ value: null, passed: false }] });
    await run("triage:1");
    await run("triage:2");
    expect(
      await evaluations.promote("triage", {
        version: 1,
        alias: "champion",
        require: ["accuracy>=champion+0.01"],
      }),
    ).toMatchObject({ promoted: false, previous_version: null });
    expect(
      await evaluations.promote("triage", {
        version: 1,
        alias: "champion",
        require: ["accuracy>=0.4", "accuracy>=champion or empty"],
      }),
    ).toMatchObject({ promoted: true });
    const promoted = await evaluations.promote("triage", {
      version: 2,
      alias: "champion",
      require: ["accuracy>=champion+0.3", "validation_loss<champion"],
    });
    expect(promoted).toMatchObject({
      promoted: true,
      previous_version: 1,
      checks: [
        { value: 1, threshold: 0.8, passed: true },
        { value: 1, threshold: 2, passed: true },
      ],
    });
    const back = await evaluations.promote("triage", {
      version: 1,
      alias: "champion",
      require: ["accuracy>=0.4", "accuracy>champion"],
    });
    expect(back).toMatchObject({
      promoted: false,
      previous_version: 2,
      checks: [{ passed: true }, { passed: false, value: 0.5, threshold: 1 }],
    });
    expect((await registry.getModel("triage")).aliases).toEqual({ champion: 2 });
    const kinds = (await registry.history("triage", { page: 1, page_size: 3 })).items.map(
      (event) => event.kind,
    );
    expect(kinds[0]).toBe("promotion_refused");
    await expect(
      evaluations.promote("triage", { version: 1, alias: "champion", require: ["accuracy"] }),
    ).rejects.toMatchObject({ code: "invalid_request" });
    await expect(
      evaluations.promote("triage", { version: 7, alias: "champion", require: [] }),
    ).rejects.toMatchObject({ code: "not_found" });
    // Without a gate the person decides: a roll-back.
    expect(await evaluations.promote("triage", { version: 1, alias: "champion", require: [] })).toMatchObject(
      {
        promoted: true,
        previous_version: 2,
      },
    );
  });

  it("versions measured on different rows are not compared", async () => {
    await run("triage:1", { limit: 4 });
    await run("triage:2");
    await evaluations.promote("triage", { version: 1, alias: "champion", require: [] });
    const result = await evaluations.promote("triage", {
      version: 2,
      alias: "champion",
      require: ["accuracy>=champion"],
    });
    expect(result.promoted).toBe(false);
    expect(result.checks[0]?.reason).toContain("has not been measured on the 10 rows of mails/test");
  });
});
