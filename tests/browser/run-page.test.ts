import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";
import { mlflow, startRun } from "./logged-run.ts";

const hostile = "<img src=x onerror=alert(1)>";

let hub: TestHub;
let browser: TestBrowser;
let runId: string;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  runId = await startRun(hub, hostile);
  const metric = (key: string, value: number, step: number) => ({ key, value, step, timestamp: 1000 + step });
  await mlflow(hub, "runs/log-batch", {
    run_id: runId,
    params: [{ key: "rate", value: hostile }],
    tags: [{ key: "note", value: hostile }],
    metrics: [metric("loss", 2, 0), metric("loss", 1, 1), metric("system/cpu", 50, 0)],
  });
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

const address = (id = runId): string => `${hub.url}/#/experiments/0/runs/${id}`;

test.each(["light", "dark"] as const)("a run shows what it logged, as text (%s)", async (colorScheme) => {
  await using tab = await browser.open(address(), { colorScheme, width: 390, height: 800 });
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: hostile }).waitFor();
  expect(await page.getByRole("table", { name: "Parameters" }).textContent()).toContain(hostile);
  expect(await page.getByRole("table", { name: "Tags", exact: true }).textContent()).toContain(hostile);
  expect(await page.getByRole("table", { name: "Metrics" }).textContent()).toContain("loss1step 1");
  expect(await page.locator("img[src=x]").count()).toBe(0);
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("tabs are addresses as in MLflow, and keep what stands beside them", async () => {
  await using tab = await browser.open(`${address()}/model-metrics?smoothing=0.5`);
  const { page } = tab;
  await page.getByRole("img", { name: "loss over steps" }).locator("canvas").waitFor();
  expect(await page.getByRole("slider", { name: "Smoothing" }).getAttribute("aria-valuenow")).toBe("0.5");
  expect(await page.getByRole("img", { name: "system/cpu over steps" }).count()).toBe(0);
  await page.getByRole("tab", { name: "System metrics" }).click();
  await page.getByRole("img", { name: "system/cpu over steps" }).locator("canvas").waitFor();
  expect(page.url()).toBe(`${address()}/system-metrics?smoothing=0.5`);
  await tab.expectAccessible();
  // On a tab its own controls change the address, and the tab stays.
  await page.getByRole("slider", { name: "Smoothing" }).press("ArrowRight");
  await page.waitForURL(/system-metrics\?smoothing=0\.51$/);
  for (const [name, path] of [
    ["Traces", "/traces"],
    ["Artifacts", "/artifacts"],
    ["Model metrics", "/model-metrics"],
    ["Overview", ""],
  ] as const) {
    await page.getByRole("tab", { name }).click();
    await page.waitForURL(new RegExp(`runs/${runId}${path}/?\\?smoothing`));
    expect(await page.getByRole("tab", { name }).getAttribute("aria-selected")).toBe("true");
    await page.getByRole("tabpanel").waitFor();
  }
  await page.goBack();
  await page.waitForURL(/model-metrics/);
  tab.expectClean();
});

test.each([
  ["system-metrics", "System metrics"],
  ["traces", "Traces"],
  ["artifacts", "Artifacts"],
])("the address …/%s opens that tab", async (path, name) => {
  await using tab = await browser.open(`${address()}/${path}`);
  await tab.page.getByRole("tab", { name, selected: true }).waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("a run is found without its experiment, and one that is not there is said to be missing", async () => {
  await using tab = await browser.open(`${hub.url}/#/runs/${runId}`);
  await tab.page.getByRole("heading", { level: 1, name: hostile }).waitFor();
  expect(tab.page.url()).toBe(address());
  await using other = await browser.open(`${hub.url}/#/runs/nothing`);
  await other.page.getByText("Run with id=nothing not found").waitFor();
});

describe("what a run was made from", () => {
  test("data, versions, logged models, related runs, code and programs", async () => {
    const dataset = await hub.client.datasets.create({
      name: "small",
      path: await writeSmallDataset(hub.home),
    });
    const parent = await startRun(hub, "the parent");
    const id = await startRun(hub, "the child", {
      "mlflow.parentRunId": parent,
      "mlflow.user": "bob",
      "mlflow.source.name": "/home/bob/train.py",
      "mlflow.source.git.commit": "0123456789abcdef",
      "mlflow.source.git.branch": "topic",
      "mlflow.source.git.dirty": "true",
      "mlflow.source.git.repoURL": "javascript:alert(1)",
      "mlflow.project.entryPoint": "main",
      "call.function": "train",
      "system.runtime": "Node 24",
      "packages.lock": "package-lock.json",
    });
    const input = (name: string, digest: string) => ({
      dataset: { name, digest, source_type: "local", source: hostile },
      tags: [{ key: "mlflow.data.context", value: "training" }],
    });
    await mlflow(hub, "runs/log-inputs", {
      run_id: id,
      datasets: [input("small", dataset.checksum.slice(0, 8)), input("elsewhere", "12345678")],
    });
    const model = await mlflow(hub, "logged-models", { experiment_id: "0", name: "net", source_run_id: id });
    const { model_id } = z
      .object({ model: z.object({ info: z.object({ model_id: z.string() }) }) })
      .parse(model).model.info;
    await mlflow(hub, "runs/outputs", { run_id: id, models: [{ model_id, step: 3 }] });
    await mlflow(hub, "registered-models/create", { name: "registered" });
    await mlflow(hub, "model-versions/create", { name: "registered", source: `runs:/${id}/net`, run_id: id });

    await using tab = await browser.open(address(id));
    const { page } = tab;
    const data = page.getByRole("region", { name: "Data" });
    const link = data.getByRole("link", { name: "small" });
    expect(await link.getAttribute("href")).toBe(`#/datasets/${dataset.id}`);
    expect(await data.textContent()).toContain(`local: ${hostile}`);
    expect(await data.getByRole("link").count()).toBe(1);
    const models = page.getByRole("region", { name: "Models" });
    const made = models.getByRole("link", { name: "registered:1" });
    expect(await made.getAttribute("href")).toBe("#/models/registered/versions/1");
    expect(await models.textContent()).toContain("loggednetat step 3");
    const code = await page.getByRole("table", { name: "Code" }).textContent();
    for (const told of ["0123456789abcdef", "with changes", "topic", "train.py", "main", "Functiontrain"])
      expect(code).toContain(told);
    expect(code).toContain("javascript:alert(1)");
    expect(await page.locator("a[href^=javascript]").count()).toBe(0);
    expect(await page.getByRole("table", { name: "Environment" }).textContent()).toContain(
      "package-lock.json",
    );
    expect(await page.getByRole("table", { name: "About" }).textContent()).toContain("Bybob");
    await tab.expectAccessible();
    await page.getByRole("link", { name: "the parent" }).click();
    await page.getByRole("heading", { level: 1, name: "the parent" }).waitFor();
    await page
      .getByRole("region", { name: "Runs below it (1)" })
      .getByRole("link", { name: "the child" })
      .waitFor();
    tab.expectClean();
  });

  test("a training of the hub leads to its job and its version", async () => {
    await hub.addTinyModel("base");
    const { models, datasets, jobs } = hub.client;
    await datasets.create({ name: "taught", path: await writeSmallDataset(hub.home, "taught") });
    await models.create({ name: "tuned", task_type: "chat", base_model: "base:1" });
    const job = await jobs.create({ model_id: "tuned", dataset_id: "taught" });
    await jobs.cancel(job.id);
    await using tab = await browser.open(`${hub.url}/#/runs/${job.run_id}`);
    const { page } = tab;
    const toJob = page.getByRole("link", { name: `training ${job.id.slice(0, 8)}` });
    expect(await toJob.getAttribute("href")).toBe(`#/training/jobs/${job.id}`);
    await page.getByRole("link", { name: "tuned:1" }).waitFor();
    await page.getByRole("region", { name: "Data" }).getByRole("link", { name: "taught" }).waitFor();
    expect(await page.getByRole("table", { name: "Environment" }).textContent()).toContain(
      process.versions.node,
    );
    tab.expectClean();
  });

  test("what ended a run that failed is said first", async () => {
    const id = await startRun(hub, "failed", {
      "exception.type": "TypeError",
      "exception.message": hostile,
    });
    await mlflow(hub, "runs/update", { run_id: id, status: "FAILED", end_time: Date.now() });
    await using tab = await browser.open(address(id));
    const alert = tab.page.getByRole("alert").filter({ hasText: "TypeError" });
    expect(await alert.textContent()).toContain(hostile);
    await tab.expectAccessible();
    tab.expectClean();
  });
});

test("500 parameters with long keys and values are searched", async () => {
  const id = await startRun(hub, "many");
  const long = "k".repeat(250);
  const params = Array.from({ length: 499 }, (_, index) => ({ key: `layer.${index}`, value: String(index) }));
  for (let at = 0; at < params.length; at += 100)
    await mlflow(hub, "runs/log-batch", { run_id: id, params: params.slice(at, at + 100) });
  await mlflow(hub, "runs/log-batch", { run_id: id, params: [{ key: long, value: "v".repeat(6_000) }] });
  await using tab = await browser.open(address(id), { width: 390, height: 800 });
  const { page } = tab;
  const rows = page.getByRole("table", { name: "Parameters" }).getByRole("row");
  await page.getByRole("button", { name: "Show all 500" }).click();
  expect(await rows.count()).toBe(500);
  const find = page.getByRole("searchbox", { name: "Find among parameters, metrics and tags" });
  await find.fill("KKKK");
  await page.getByText("1 of 500 match").waitFor();
  expect(page.url()).toContain("find=KKKK");
  await page.getByRole("button", { name: "Show all 6,000 characters" }).click();
  expect(await rows.first().textContent()).toContain("v".repeat(6_000));
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  await find.fill("layer.49");
  await page.getByText("10 of 500 match").waitFor();
  tab.expectClean();
});

test("traces of a run, each a link", async () => {
  const id = await startRun(hub, "traced");
  const request_time = new Date().toISOString();
  const trace_location = { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } };
  await using tab = await browser.open(`${address(id)}/traces`);
  const { page } = tab;
  await page.getByRole("heading", { name: "No traces of this run" }).waitFor();
  for (const [trace_id, sourceRun] of [
    ["tr-mine", id],
    ["tr-other", runId],
  ])
    await hub.post("/api/3.0/mlflow/traces", {
      trace: {
        trace_info: {
          trace_id,
          trace_location,
          request_time,
          state: "ERROR",
          request_preview: hostile,
          trace_metadata: { "mlflow.sourceRun": sourceRun },
        },
      },
    });
  const table = page.getByRole("table", { name: "Traces" });
  await table.getByRole("link", { name: "tr-mine" }).waitFor();
  expect(await table.getByRole("row").count()).toBe(2);
  expect(await table.textContent()).toContain(hostile);
  await tab.expectAccessible();
  await table.getByRole("link", { name: "tr-mine" }).click();
  await page.waitForURL(/#\/traces\?trace=tr-mine/);
  tab.expectClean();
});
