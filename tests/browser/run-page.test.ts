import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

const hostile = "<img src=x onerror=alert(1)>";
const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });

let hub: TestHub;
let browser: TestBrowser;
let runId: string;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  const answer = await post("runs/create", { experiment_id: "0", run_name: hostile, start_time: Date.now() });
  runId = created.parse(await answer.json()).run.info.run_id;
  const metric = (key: string, value: number, step: number) => ({ key, value, step, timestamp: 1000 + step });
  await post("runs/log-batch", {
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

test.each(["light", "dark"] as const)("a run shows what it logged, as text (%s)", async (colorScheme) => {
  await using tab = await browser.open(address(), { colorScheme, width: 390, height: 800 });
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: hostile }).waitFor();
  expect(await page.getByRole("table", { name: "Parameters" }).textContent()).toContain(hostile);
  expect(await page.getByRole("table", { name: "Tags" }).textContent()).toContain(hostile);
  expect(await page.locator("img[src=x]").count()).toBe(0);
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("metrics are drawn, those of the machine apart, and the address holds tab and smoothing", async () => {
  await using tab = await browser.open(`${address()}?tab=metrics&smoothing=0.5`);
  const { page } = tab;
  await page.getByRole("img", { name: "loss over steps" }).locator("canvas").waitFor();
  expect(await page.getByRole("slider", { name: "Smoothing" }).getAttribute("aria-valuenow")).toBe("0.5");
  expect(await page.getByRole("img", { name: "system/cpu over steps" }).count()).toBe(0);
  await page.getByRole("tab", { name: "System metrics" }).click();
  await page.getByRole("img", { name: "system/cpu over steps" }).locator("canvas").waitFor();
  expect(page.url()).toContain("tab=system");
  await tab.expectAccessible();
  tab.expectClean();
});

test("a page among the artifacts is a download for a browser, never a document of the hub", async () => {
  for (const name of ["x.html", "x.svg"]) {
    const path = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=${name}`;
    await hub.fetch(path, { method: "POST", body: "<script>alert(1)</script>" });
    const answer = await hub.fetch(`/get-artifact?run_uuid=${runId}&path=${name}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment;/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    await answer.body?.cancel();
  }
});

function address(): string {
  return `${hub.url}/#/experiments/0/runs/${runId}`;
}

async function post(path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const answer = await hub.fetch(`/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return answer;
}
