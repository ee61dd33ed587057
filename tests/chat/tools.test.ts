import { TrackingClient } from "@hearth/sdk/tracking";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { agentSpans, exportTrace } from "../browser/agent-trace.ts";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { refusal as refused } from "./talk.ts";

const longest = 8_000;
let hub: TestHub;
let runs: string[];

beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel("base");
  await hub.client.models.create({ name: "tuned", base_model: "base", description: "answers with colours" });
  await hub.client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  const tracking = new TrackingClient({ url: hub.url, experiment: "sweep" });
  runs = [];
  for (const rank of [4, 8, 16]) {
    const run = await tracking.startRun({
      name: `rank ${rank}`,
      environment: false,
      params: { rank, optimizer: "adamw", notes: "x".repeat(5_000) + String(rank) },
    });
    run.logMetrics({ loss: 1 / rank, steps: 100 });
    runs.push((await run.created).runId);
    await run.end();
  }
  await exportTrace(hub, agentSpans("a".repeat(32), Date.now() - 60_000));
});
afterAll(() => hub[Symbol.asyncDispose]());

/** What a tool gives, by the way of another agent; always small enough for a model. */
async function call<T>(name: string, input: object, shape: z.ZodType<T>): Promise<T> {
  const output = await hub.client.conversations.callTool(name, { input, origin: "mcp" });
  expect(JSON.stringify(output).length).toBeLessThanOrEqual(longest);
  return shape.parse(output);
}
const anything = z.looseObject({});

const refusal = (name: string, input: object) =>
  refused(hub.client.conversations.callTool(name, { input, origin: "mcp" }));

async function finished(id: string): Promise<TrainingJob> {
  for await (const event of hub.client.jobs.events(id))
    if (event.type === "status" && event.job.status !== "queued" && event.job.status !== "running")
      return event.job;
  throw new Error("the stream ended before the job");
}

describe("tools that look", () => {
  it("list and look at models", async () => {
    expect(await call("list_models", {}, anything)).toMatchObject({ total: 2 });
    expect(await call("list_models", { search: "COLOURS" }, anything)).toMatchObject({
      total: 1,
      models: [{ name: "tuned", base_model: "base", description: "answers with colours" }],
    });
    expect(await call("list_models", { search: "nothing like it" }, anything)).toEqual({
      total: 0,
      models: [],
    });
    expect(await call("get_model", { model: "base" }, anything)).toMatchObject({
      name: "base",
      versions: [{ version: 1, status: "ready", kind: "full" }],
    });
  });

  it("search runs by MLflow's language, and compare them", async () => {
    const found = await call(
      "search_runs",
      {
        experiment: "sweep",
        filter: "metrics.loss < 0.2 AND params.optimizer = 'adamw'",
        order_by: ["metrics.loss ASC"],
      },
      anything,
    );
    expect(found).toMatchObject({
      total: 2,
      runs: [
        { id: runs[2], name: "rank 16", params: { rank: "16" }, metrics: { loss: 1 / 16 } },
        { id: runs[1], name: "rank 8" },
      ],
    });
    const compared = await call("compare_runs", { run_ids: runs }, anything);
    expect(compared).toMatchObject({
      runs: [{ name: "rank 4" }, { name: "rank 8" }, { name: "rank 16" }],
      different_params: { rank: ["4", "8", "16"] },
      same_params: { optimizer: "adamw" },
      different_metrics: { loss: [1 / 4, 1 / 8, 1 / 16] },
      same_metrics: { steps: 100 },
    });
    // Long values that differ at their end only do differ.
    expect(compared["different_params"]).toHaveProperty("notes");
  });

  it("list, describe and read data sets", async () => {
    expect(await call("list_datasets", { search: "col" }, anything)).toMatchObject({
      total: 1,
      datasets: [{ name: "colours", format: "chat", rows: 21 }],
    });
    expect(await call("describe_dataset", { dataset: "colours" }, anything)).toMatchObject({
      rows: 21,
      labels: [{ label: "blue", counts: { train: 4 } }, { label: "green" }, { label: "red" }],
    });
    expect(
      await call("read_dataset", { dataset: "colours", split: "test", limit: 2 }, anything),
    ).toMatchObject({
      total: 6,
      items: [{ messages: [{ content: "brick?" }, { content: "red" }] }, {}],
    });
  });

  it("search and open traces", async () => {
    const found = await call(
      "search_traces",
      { failed: true },
      z.looseObject({ total: z.int(), traces: z.array(z.looseObject({ id: z.string() })) }),
    );
    expect(found).toMatchObject({ total: 1, traces: [{ name: "agent", state: "ERROR", model: "gpt-5" }] });
    const trace = await call("get_trace", { trace_id: found.traces[0]?.id }, anything);
    expect(trace).toMatchObject({
      trace: { name: "agent", input_tokens: 40 },
      spans: expect.arrayContaining([
        expect.objectContaining({
          name: "agent",
          status: "ERROR",
          status_message: "the search failed",
          duration_ms: 900,
        }),
      ]),
    });
    expect(await call("search_traces", { text: "no such words" }, anything)).toMatchObject({ total: 0 });
  });

  it("stay small when there is much", async () => {
    const many = Array.from({ length: 40 }, (_, index) => index);
    await Promise.all(
      many.map((index) => hub.client.models.create({ name: `many-${index}`, description: "y".repeat(900) })),
    );
    const { total, models } = await call(
      "list_models",
      { search: "many-", limit: 40 },
      z.object({ total: z.int(), models: z.array(z.unknown()) }),
    );
    expect(total).toBe(40);
    expect(models.length).toBeGreaterThan(3);
    await Promise.all(many.map((index) => hub.client.models.remove(`many-${index}`)));
  });
});

describe("what is wrong is told in words", () => {
  it.each([
    ["list_models", { limit: 0 }, "limit"],
    ["list_models", { serach: "x" }, "serach"],
    ["search_runs", { filter: "metrics.loss <<< 3" }, "<"],
    ["compare_runs", { run_ids: ["one"] }, "run_ids"],
    ["list_jobs", { status: "sleeping" }, "status"],
    ["start_job", { model: "tuned" }, "dataset"],
    ["start_job", { model: "tuned", dataset: "colours", epochs: -1 }, "epochs"],
    ["promote_model", { model: "tuned", version: "one" }, "version"],
    ["evaluate_model", { model: "base", dataset: "colours", split: "exam" }, "split"],
  ])("%s with %j", async (name, input, word) => {
    const error = await refusal(name, input);
    expect(error.status).toBe(400);
    expect(error.message).toContain(word);
  });

  it.each([
    ["get_model", { model: "tunde" }, "tuned"],
    ["search_runs", { experiment: "swep" }, "sweep"],
    ["compare_runs", { run_ids: ["a".repeat(32), "b".repeat(32)] }, "aaaa"],
    ["describe_dataset", { dataset: "colors" }, "colours"],
    ["read_dataset", { dataset: "colors" }, "colours"],
    ["get_trace", { trace_id: "tr-0" }, "tr-0"],
    ["explain_job", { job_id: "j-0" }, "j-0"],
    ["start_job", { model: "tunde", dataset: "colours" }, "tuned"],
    ["cancel_job", { job_id: "j-0" }, "j-0"],
    ["promote_model", { model: "tunde", version: 1 }, "tuned"],
    ["evaluate_model", { model: "bsae", dataset: "colours" }, "base"],
    ["deploy_model", { model: "bsae" }, "base"],
  ])("%s with the unknown name in %j", async (name, input, word) => {
    const error = await refusal(name, input);
    expect(error.status).toBe(404);
    expect(error.message + JSON.stringify(error.details)).toContain(word);
  });
});

const started = z.looseObject({ id: z.string(), status: z.string() });

describe("tools that change something", () => {
  it("train, evaluate, promote and deploy", async () => {
    const job = await call(
      "start_job",
      { model: "tuned", dataset: "colours", lora_rank: 4, epochs: 1, batch_size: 4, seed: 3 },
      started,
    );
    expect(job).toMatchObject({ model: "tuned", version: 1, dataset: "colours" });
    expect(await finished(job.id)).toMatchObject({
      status: "completed",
      parameters: { lora_rank: 4, epochs: 1, batch_size: 4, seed: 3 },
    });
    expect(await call("list_jobs", { status: "completed" }, anything)).toMatchObject({
      total: 1,
      jobs: [{ id: job.id, status: "completed" }],
    });
    expect(
      await call("evaluate_model", { model: "tuned:1", dataset: "colours", split: "test" }, anything),
    ).toMatchObject({ model: "tuned", version: 1, rows: 6, metrics: { accuracy: expect.any(Number) } });
    expect(
      await call("promote_model", { model: "tuned", version: 1, require: ["accuracy>1"] }, anything),
    ).toMatchObject({ promoted: false });
    expect((await hub.client.models.get("tuned")).aliases).toEqual({});
    expect(
      await call("promote_model", { model: "tuned", version: 1, require: ["accuracy>=0"] }, anything),
    ).toMatchObject({ promoted: true, alias: "champion" });
    expect((await hub.client.models.get("tuned")).aliases).toMatchObject({ champion: 1 });
    await call("deploy_model", { model: "tuned@champion" }, anything);
    expect((await hub.client.health()).engines).toMatchObject([{ base: "base:1", pinned: true }]);
  });

  it("cancel a job that waits or runs", async () => {
    const job = await call("start_job", { model: "tuned", dataset: "colours", epochs: 900 }, started);
    await call("cancel_job", { job_id: job.id }, anything);
    expect(await finished(job.id)).toMatchObject({ status: "cancelled" });
    expect(await refusal("cancel_job", { job_id: job.id })).toMatchObject({ status: 409 });
  });
});

describe("explain_job", () => {
  it("has the error of a failed job and what its log said last", async () => {
    const job = await call(
      "start_job",
      { model: "tuned", dataset: "colours", epochs: 100, learning_rate: 1, recipe: "full" },
      started,
    );
    const end = await finished(job.id);
    expect(end.status).toBe("failed");
    const explained = await call("explain_job", { job_id: job.id }, anything);
    expect(explained).toMatchObject({
      status: "failed",
      error: end.error,
      parameters: { learning_rate: 1 },
      last_log_lines: expect.arrayContaining([expect.stringContaining("12 rows, 269 tokens")]),
    });
  });
});
