import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { evaluation } from "@hearth/wire/hub/evaluation";
import { openArtifactStore } from "../artifacts/fs/store.ts";
import { openArtifactTree } from "../artifacts/tree/tree.ts";
import { createDatasets } from "../datasets/datasets.ts";
import { HearthError } from "../errors.ts";
import { answerAsText } from "../inference/chat/answer-as-text.ts";
import { createRegistry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createRuns } from "../tracking/runs.ts";
import { createEvaluations } from "./evaluations.ts";
import type { Ask, Evaluations, Question, ScoreAnswer } from "./evaluations.ts";

const never = new AbortController().signal;
let home: string;
let database: Database;
let registry: ReturnType<typeof createRegistry>;
let datasets: ReturnType<typeof createDatasets>;
let runs: ReturnType<typeof createRuns>;
let evaluations: Evaluations;
let asked: Question[];
let answers: (question: Question, signal: AbortSignal) => Promise<string> | string;
let score: ScoreAnswer;

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
  datasets = createDatasets({ database, artifacts, dataPaths: [home] });
  asked = [];
  answers = knows;
  // Version 2 is surer of what is right.
  score = (version, { answer }) =>
    Promise.resolve(Array.from(answer, () => (version.version === 1 ? -2 : -0.5)));
  const ask: Ask = async (question, signal) => {
    asked.push(question);
    return { text: await answers(question, signal), ttftMs: 5, latencyMs: 9 };
  };
  const tree = await openArtifactTree({ root: join(home, "artifacts"), incoming: join(home, "incoming") });
  evaluations = createEvaluations({
    database,
    registry,
    datasets,
    runs,
    artifacts: tree,
    ask,
    score: (...asking) => score(...asking),
    scorerSurroundings: {
      dataPaths: [home],
      scratch: () => artifacts.createIncoming(),
      logFile: join(home, "scorers.log"),
      recordsFolder: join(home, "records"),
    },
    who: () => "ada",
  });
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

  it("rows with tools are asked and scored with them, and calls are compared as calls", async () => {
    const call = (city: string) => ({ function: { name: "weather", arguments: { unit: "C", city } } });
    const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }];
    const messages = [
      { role: "user", content: "And in Rome?" },
      { role: "assistant", content: null, tool_calls: [{ id: "1", ...call("Rome") }] },
      { role: "tool", tool_call_id: "1", content: "20" },
      { role: "user", content: "And in Oslo?" },
      { role: "assistant", tool_calls: [call("Oslo")] },
    ];
    const path = join(home, "calls.jsonl");
    await writeFile(path, `${JSON.stringify({ messages, tools })}\n`.repeat(2));
    expect((await datasets.register({ name: "calls", path }, never)).labels).toEqual([]);
    const scored: Parameters<ScoreAnswer>[1][] = [];
    score = (_version, answered) => {
      scored.push(answered);
      return Promise.resolve([-1]);
    };
    answers = () => answerAsText("", [{ name: "weather", arguments: '{"city":"Oslo", "unit":"C"}' }]);
    const result = await run("triage:2", { dataset: "calls", split: "train" });
    expect(result.metrics).toMatchObject({ exact_match: 1, loss: 1 });
    const { prompt } = asked[0] ?? {};
    expect(prompt).toMatchObject({
      tools: [{ name: "weather", description: null, parameters: { type: "object" } }],
      messages: [{}, { tool_calls: [{ id: "1" }] }, { role: "tool", tool_call_id: "1" }, {}],
    });
    expect(scored[0]).toEqual({ prompt, answer: "", toolCalls: [call("Oslo")] });
    const { items } = await evaluations.rows(result.id, { only: "all", offset: 0, limit: 1 });
    expect(items[0]?.expected).toBe(
      '<tool_call>\n{"name": "weather", "arguments": {"city":"Oslo","unit":"C"}}\n</tool_call>',
    );
    answers = () => "";
    expect(await run("triage:2", { dataset: "calls", split: "train" })).toMatchObject({
      metrics: { exact_match: 0 },
    });
  });

  it("an answer is scored with the blanks that training has around it, and compared without them", async () => {
    const path = join(home, "blanks.jsonl");
    await writeFile(path, '{"prompt":"colour:","completion":" red\\n"}\n');
    await datasets.register({ name: "blanks", path }, never);
    answers = () => "red";
    const scored: string[] = [];
    score = (_version, { answer }) => {
      scored.push(answer);
      return Promise.resolve([-1]);
    };
    const { metrics } = await run("triage:2", { dataset: "blanks", split: "train" });
    expect(metrics).toMatchObject({ exact_match: 1 });
    expect(scored).toEqual([" red\n"]);
  });

  it("a row whose tool is none stops the evaluation and is named", async () => {
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: "ho" },
    ];
    const path = join(home, "nameless.jsonl");
    await writeFile(path, `${JSON.stringify({ messages, tools: [{ type: "function" }] })}\n`);
    await datasets.register({ name: "nameless", path }, never);
    await expect(run("triage:2", { dataset: "nameless", split: "train" })).rejects.toMatchObject({
      code: "dataset_invalid",
      message: expect.stringContaining("row 1: A tool"),
    });
  });

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
      metrics: {
        accuracy: 1,
        exact_match: 1,
        invalid_rate: 0,
        macro_f1: 1,
        ttft_ms: 5,
        latency_ms: 9,
        loss: 0.5,
      },
      intervals: { accuracy: { low: 1, high: 1, rows: 10 } },
      bootstrap: { resamples: 1_000, seed: 1, level: 0.95 },
      absent: [],
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
      exact_match: 1,
      invalid_rate: 0,
      macro_f1: 1,
      loss: 0.5,
      perplexity: Math.exp(0.5),
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
    const answered = { dataset: "text", split: "train", scorers: ["exact_match"] };
    await expect(run("triage:2", answered)).rejects.toMatchObject({
      code: "invalid_request",
      details: { field: "dataset" },
    });
    await expect(evaluations.get("no-such")).rejects.toMatchObject({ code: "not_found" });
    expect(asked).toHaveLength(0);
  });

  it("every row is kept with its run and given by pages; the run's lineage names the dataset", async () => {
    const { id, run_id: runId } = await run("triage:1");
    const all = await evaluations.rows(id, { only: "all", offset: 0, limit: 200 });
    expect(all).toMatchObject({ offset: 0, total: 10 });
    expect(all.items[0]).toEqual({
      row: 1,
      right: false,
      failed: false,
      asked: "lottery 0",
      expected: "spam",
      answer: "work",
      refused: null,
      tokens: 4,
      scores: { exact_match: 0, accuracy: 0, loss: 2 },
      failures: {},
      ttft_ms: 5,
      latency_ms: 9,
    });
    const wrong = await evaluations.rows(id, { only: "wrong", offset: 3, limit: 1 });
    expect(wrong).toMatchObject({ offset: 3, total: 5, items: [{ row: 7 }] });
    const right = await evaluations.rows(id, { only: "right", offset: 0, limit: 200 });
    expect(right.items.map(({ row }) => row)).toEqual([2, 4, 6, 8, 10]);
    expect((await evaluations.rows(id, { only: "failed", offset: 0, limit: 9 })).total).toBe(0);
    const lineage = await runs.runLineage(runId);
    expect(lineage.datasets).toMatchObject([{ name: "mails", context: "evaluation" }]);
    expect(lineage.datasets[0]?.dataset_id).not.toBeNull();
    await rm(join(home, "artifacts"), { recursive: true });
    await expect(evaluations.rows(id, { only: "all", offset: 0, limit: 1 })).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("rows.jsonl"),
    });
  });

  it("an evaluation from before there were intervals is shown without them", async () => {
    const { id } = await run("triage:1");
    await database.db.updateTable("evaluations").set({ details: "{}" }).where("id", "=", id).execute();
    expect(await evaluations.get(id)).toMatchObject({
      metrics: { accuracy: 0.5 },
      intervals: {},
      bootstrap: null,
      labels: [],
      scorers: [],
    });
  });

  it("loss alone generates nothing; an engine that cannot tell it is no failure, but is told", async () => {
    const alone = await run("triage:1", { scorers: ["loss"] });
    expect(asked).toHaveLength(0);
    expect(alone.metrics).toEqual({ loss: 2, perplexity: Math.exp(2) });
    expect(alone.confusion).toEqual({});
    const [row] = (await evaluations.rows(alone.id, { only: "all", offset: 0, limit: 1 })).items;
    expect(row).toMatchObject({ right: null, answer: null, tokens: 4, scores: { loss: 2 } });
    const text = await run("triage:1", { dataset: "text", split: "train" });
    expect(text.metrics).toEqual({ loss: 2, perplexity: Math.exp(2) });
    score = () => Promise.reject(new HearthError("platform_unsupported", "this engine cannot tell"));
    const untold = await run("triage:1", { dataset: "text", split: "train" });
    expect(untold).toMatchObject({ absent: [{ metric: "loss" }, { metric: "perplexity" }], metrics: {} });
    const without = await run("triage:1");
    expect(without.metrics).not.toHaveProperty("loss");
    expect(without.absent).toEqual([
      { metric: "loss", reason: "this engine cannot tell" },
      { metric: "perplexity", reason: "this engine cannot tell" },
    ]);
    score = (_version, { answer }) =>
      answer === "spam"
        ? Promise.reject(new HearthError("invalid_request", "too long together"))
        : Promise.resolve([-1]);
    const some = await run("triage:1");
    expect(some).toMatchObject({ metrics: { loss: 1 }, intervals: { loss: { rows: 5 } }, absent: [] });
    expect((await evaluations.rows(some.id, { only: "failed", offset: 0, limit: 1 })).total).toBe(5);
  });

  it("a scorer of one's own gives a metric; its failures are counted and stay with the row", async () => {
    const file = join(home, "politeness.ts");
    await writeFile(
      file,
      `export const name = "politeness";
       export const score = ({ answer, row }: { answer: string; row: { messages: unknown[] } }): number => {
         if (answer === "spam") throw new Error("no word for it");
         return row.messages.length / 4;
       };`,
    );
    const result = await run("triage:2", { scorer_files: [file] });
    expect(result).toMatchObject({
      metrics: { politeness: 0.75 },
      intervals: { politeness: { rows: 5 } },
      scorers: [
        { name: "politeness", path: file, rows: 5, failures: 5, first_failure: "Error: no word for it" },
      ],
    });
    const failed = await evaluations.rows(result.id, { only: "failed", offset: 0, limit: 1 });
    expect(failed).toMatchObject({
      total: 5,
      items: [{ failures: { politeness: "Error: no word for it" } }],
    });
    const { params } = await runs.getRun(result.run_id);
    expect(params["scorer.politeness"]).toBe(result.scorers[0]?.sha256);
    const { artifactUri } = await runs.readRun(result.run_id);
    const kept = join(home, "artifacts", artifactUri.slice("mlflow-artifacts:/".length));
    expect(await readFile(join(kept, "evaluation/scorers/politeness.ts"), "utf8")).toContain("row.messages");
    await expect(run("triage:2", { scorer_files: [join(home, "none.ts")] })).rejects.toMatchObject({
      code: "not_found",
    });
  }, 120_000);

  it("two evaluations on the same rows are compared by pairs, on other rows they are not", async () => {
    const [first, second] = [await run("triage:1"), await run("triage:2")];
    const compared = await evaluations.compare(first.id, second.id, never);
    expect(compared).toMatchObject({
      first: { id: first.id, model: "triage", version: 1 },
      second: { version: 2 },
      rows: 10,
      right: { both: 5, only_first: 0, only_second: 5, neither: 0 },
    });
    // Where both are wrong together the difference is the same in every resample.
    expect(compared.metrics["loss"]).toMatchObject({ difference: -1.5, low: -1.5, high: -1.5 });
    const { difference, low, high } = compared.metrics["accuracy"] ?? { difference: 0, low: 0, high: 0 };
    expect(difference).toBe(0.5);
    expect(low).toBeGreaterThan(0);
    expect(high).toBeLessThan(1);
    const same = await evaluations.compare(second.id, second.id, never);
    expect(same.metrics["accuracy"]).toMatchObject({ difference: 0, low: 0, high: 0 });
    const few = await run("triage:2", { limit: 4 });
    await expect(evaluations.compare(first.id, few.id, never)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("not made on the same rows"),
    });
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

  it("a gate that lacks a figure names the evaluation that gives it; a dry run writes nothing down", async () => {
    await run("triage:1", { limit: 4 });
    await evaluations.promote("triage", { version: 1, alias: "champion", require: [] });
    const before = (await registry.history("triage", { page: 1, page_size: 1 })).total;
    const ask = () =>
      evaluations.promote("triage", {
        version: 2,
        alias: "champion",
        require: ["accuracy>=champion", "f1/spam>0.9", "ci_low(loss)<1"],
        dry_run: true,
      });
    const needed = { model: "triage:2", dataset: "mails:1", split: "test", limit: 4, scorer_files: [] };
    const missing = await ask();
    expect(missing).toMatchObject({ promoted: false, checks: [{ needed }, { needed }, { needed }] });
    expect(missing.checks[0]?.reason).toContain(
      "hearth eval triage:2 --dataset mails:1 --split test --limit 4",
    );
    await run("triage:2", { limit: 4 });
    const checked = await ask();
    expect(checked).toMatchObject({
      promoted: false,
      checks: [
        { passed: true, value: 1, threshold: 0.5, difference: { value: 0.5 }, needed: null },
        { passed: true, value: 1, needed: null },
        { passed: true, value: 0.5, needed: null },
      ],
    });
    expect(checked.checks[0]?.reason).toContain("on the same rows it differs by 0.5 (95 %");
    expect((await registry.getModel("triage")).aliases).toEqual({ champion: 1 });
    // Two evaluations are all that was written down meanwhile.
    expect((await registry.history("triage", { page: 1, page_size: 1 })).total).toBe(before + 1);
    const unknown = await evaluations.promote("triage", {
      version: 2,
      alias: "champion",
      require: ["charm>=1"],
      dry_run: true,
    });
    expect(unknown.checks[0]).toMatchObject({ value: null, needed: null });
  });

  it("a roll-back gives the alias to who held it before, again and again, and says who did it", async () => {
    const promote = (version: number) =>
      evaluations.promote("triage", { version, alias: "champion", require: [] });
    await expect(evaluations.rollback("triage", "champion")).rejects.toMatchObject({ code: "not_found" });
    await promote(1);
    await expect(evaluations.rollback("triage", "champion")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("version 1 is the first that holds it"),
    });
    await promote(2);
    await promote(1);
    const back = { alias: "champion", version: 2, previous_version: 1, skipped: [] };
    expect(await evaluations.rollback("triage", "champion")).toEqual(back);
    const further = { alias: "champion", version: 1, previous_version: 2, skipped: [] };
    expect(await evaluations.rollback("triage", "champion")).toEqual(further);
    await expect(evaluations.rollback("triage", "champion")).rejects.toMatchObject({ code: "conflict" });
    const { items } = await registry.history("triage", { page: 1, page_size: 2 });
    expect(items).toMatchObject([
      { kind: "rolled_back", version: 1, details: { by: "ada", previous_version: 2, rollback: true } },
      { kind: "rolled_back", version: 2, details: { by: "ada", previous_version: 1 } },
    ]);
    await promote(2);
    await evaluations.promote("triage", { version: 1, alias: "other", require: ["accuracy>=1"] });
    expect((await registry.history("triage", { page: 1, page_size: 1 })).items[0]).toMatchObject({
      kind: "promotion_refused",
      details: { by: "ada", alias: "other" },
    });
    // Version 1 is out of use: there is nobody left to give it back to.
    await registry.archiveVersion((await registry.getVersion("triage:1")).id);
    await expect(evaluations.rollback("triage", "champion")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("version 1 is archived"),
    });
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
