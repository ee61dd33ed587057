import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });
const start = Date.UTC(2026, 0, 1, 12);
/** Of the long metric, whose one spike a sample would miss. */
const spike = 7_777;
const hostile = ["toString", "constructor", `a${"b".repeat(200)}`, "javascript: alert/1"];

let hub: TestHub;
let browser: TestBrowser;
let runId: string;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  runId = await newRun("charted");
  const long = Array.from({ length: 10_000 }, (_, step) =>
    point("long", step === spike ? 1e6 : 100 + Math.sin(step / 100), step),
  );
  for (let first = 0; first < long.length; first += 1000) await log(runId, long.slice(first, first + 1000));
  await log(runId, [
    ...[8, 0, 8, 0, 8].map((value, step) => point("zigzag", value, step)),
    ...[1, "NaN", 3].map((value, step) => point("gap", value, step * 60)),
    point("system/cpu", 50, 0),
    point("system/cpu", 60, 1),
  ]);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test.each(["light", "dark"] as const)(
  "every metric has a chart, on a phone too (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(address(runId), { colorScheme, width: 390, height: 800 });
    const { page } = tab;
    await page.getByText("3 metrics").waitFor();
    for (const name of ["gap", "long", "zigzag"]) {
      await chart(page, name).scrollIntoViewIfNeeded();
      await chart(page, name).locator("canvas").waitFor();
    }
    expect(await page.getByText("1 point is no finite number.").count()).toBe(1);
    const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    expect(overflow).toBeLessThanOrEqual(0);
    await tab.expectAccessible();
    tab.expectClean();
  },
);

test("x is the step, the time since the first point or the time, and the address keeps it", async () => {
  await using tab = await browser.open(address(runId));
  const { page } = tab;
  const gap = chart(page, "gap");
  await showTable(gap);
  const cells = gap.getByRole("table").getByRole("row");
  expect(await cells.allInnerTexts()).toEqual(["step\tValue", "0\t1", "60\tno finite number", "120\t3"]);
  await page.getByText("Relative time").click();
  await gap.getByRole("columnheader", { name: "time since the first point" }).waitFor();
  expect(await cells.nth(3).innerText()).toBe("2 min\t3");
  await page.getByText("Wall time").click();
  await gap.getByRole("columnheader", { name: "time", exact: true }).waitFor();
  const clock = await page.evaluate((at) => new Date(at).toLocaleTimeString("en-GB"), start + 120_000);
  expect(await cells.nth(3).innerText()).toBe(`2026-01-01 ${clock}\t3`);
  expect(page.url()).toContain("axis=time");
  await page.reload();
  await page.getByRole("img", { name: "zigzag over wall time" }).locator("canvas").waitFor();
  tab.expectClean();
});

test("the cursor tells values in all charts, smoothed and with a band as the toolbar says", async () => {
  await using tab = await browser.open(`${address(runId)}?smoothing=0.5`);
  const { page } = tab;
  const zigzag = chart(page, "zigzag");
  // The average of Kingma & Ba of 8, 0, 8, 0, 8 with weight 0.5.
  const average = (8 / 2 + 8 / 8 + 8 / 32) / (1 - 1 / 32);
  await pointAt(zigzag, 1);
  await zigzag.getByText(String(Number(average.toPrecision(4)))).waitFor();
  // The cursor of one chart shows in the others.
  await chart(page, "gap").getByText(/^gap/).nth(1).waitFor();
  await page.getByRole("checkbox", { name: "Band" }).click();
  await pointAt(zigzag, 1);
  await zigzag.getByText("(0 to 8)").waitFor();
  expect(page.url()).toContain("band=true");
  await page.getByRole("slider", { name: "Smoothing" }).focus();
  await page.keyboard.press("Home");
  await page.getByText("off").waitFor();
  expect(page.url()).not.toContain("smoothing");
  await pointAt(zigzag, 1);
  await zigzag.getByText("zigzag8", { exact: true }).waitFor();
  tab.expectClean();
});

test("axes are logarithmic where that is wanted, and tell what has no place there", async () => {
  await using tab = await browser.open(address(runId));
  const { page } = tab;
  const zigzag = chart(page, "zigzag");
  const linear = await picture(zigzag);
  await page.getByRole("checkbox", { name: "Log y" }).click();
  await zigzag.getByText("2 points are not above 0: a logarithmic axis has no place for it.").waitFor();
  const logarithmic = await picture(zigzag);
  expect(logarithmic).not.toBe(linear);
  await page.getByRole("checkbox", { name: "Log x" }).click();
  await chart(page, "gap").getByText("1 point is not above 0").waitFor();
  expect(page.url()).toMatch(/logy=true.*logx=true|logx=true.*logy=true/);
  await page.getByText("Wall time").click();
  expect(await page.getByRole("checkbox", { name: "Log x" }).isDisabled()).toBe(true);
  tab.expectClean();
});

test.each([
  ["step", "start_step"],
  ["relative", "start_time"],
  ["time", "start_time"],
])("a drag along the %s axis brings every point of that part", async (axis, field) => {
  await using tab = await browser.open(`${address(runId)}?axis=${axis}`);
  const { page } = tab;
  const long = chart(page, "long");
  await long.locator("canvas").waitFor();
  const asked = page.waitForRequest((request) => request.postData()?.includes(field) === true);
  await drag(long, 0.4, 0.44);
  await asked;
  await showTable(long);
  // Of 400 steps every one: of the whole there are two of each 25.
  const points = Number((await long.getByText(/^\d+ points$/).innerText()).split(" ")[0]);
  expect(points).toBeGreaterThan(350);
  expect(points).toBeLessThan(450);
  const steps = await long.getByRole("table").getByRole("row").nth(1).innerText();
  expect(steps.split("\t")[1]).toMatch(/^(99|100|101)\.\d+/);
  await long.getByRole("button", { name: "Show all of it" }).click();
  await long.getByText(/^\d+ points: the extremes of spans$/).waitFor();
  tab.expectClean();
});

test("a double click shows all of it again, and the middle is zoomed to by keyboard", async () => {
  await using tab = await browser.open(address(runId));
  const { page } = tab;
  const long = chart(page, "long");
  await long.locator("canvas").waitFor();
  await long.getByRole("button", { name: "Zoom in on the middle" }).focus();
  await page.keyboard.press("Enter");
  const reset = long.getByRole("button", { name: "Show all of it" });
  await reset.waitFor();
  const box = await plot(long);
  await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
  await reset.waitFor({ state: "detached" });
  tab.expectClean();
});

test("a table by keyboard instead of the picture holds the one spike of 10,000 points", async () => {
  await using tab = await browser.open(address(runId));
  const { page } = tab;
  const long = chart(page, "long");
  await long.locator("canvas").waitFor();
  await long.getByRole("button", { name: "Show as table" }).focus();
  await page.keyboard.press("Enter");
  await long.getByRole("combobox", { name: "Order of the points" }).selectOption("Largest first");
  const rows = long.getByRole("table", { name: "long over steps, points" }).getByRole("row");
  expect(await rows.nth(1).innerText()).toBe("7,777\t1000000");
  const first = await rows.nth(2).innerText();
  await long.getByRole("button", { name: "Page 2", exact: true }).click();
  await expect.poll(() => rows.nth(2).innerText()).not.toBe(first);
  await tab.expectAccessible();
  await long.getByRole("button", { name: "Show as chart" }).click();
  await long.locator("canvas").waitFor();
  tab.expectClean();
});

test("the points are a file of CSV", async () => {
  await using tab = await browser.open(address(runId));
  const long = chart(tab.page, "long");
  await long.locator("canvas").waitFor();
  const [download] = await Promise.all([
    tab.page.waitForEvent("download"),
    long.getByRole("button", { name: "Download as CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("long over steps.csv");
  const text = await readFile(await download.path(), "utf8");
  expect(text).toContain(`"long",${spike},1000000`);
});

test("a chart grows while its run goes on, and the machine's metrics are apart", async () => {
  await using tab = await browser.open(address(runId, "system-metrics"));
  const { page } = tab;
  const cpu = chart(page, "system/cpu");
  await showTable(cpu);
  await cpu.getByText("2 points").waitFor();
  expect(await page.getByRole("region", { name: "long" }).count()).toBe(0);
  await log(runId, [point("system/cpu", 70, 2)]);
  await cpu.getByText("3 points").waitFor();
  await log(runId, [point("system/memory", 70, 2)]);
  await chart(page, "system/memory").locator("canvas").waitFor();
  tab.expectClean();
});

test("of 500 metrics only those in sight are drawn, and a search finds the others", async () => {
  const many = await newRun("many");
  await log(
    many,
    Array.from({ length: 500 }, (_, index) => point(`layer/${index}/norm`, index, 0)),
  );
  await using tab = await browser.open(address(many));
  const { page } = tab;
  await page.getByText("500 metrics").waitFor();
  await page.locator("canvas").first().waitFor();
  expect(await page.getByRole("region", { name: /^layer/ }).count()).toBe(500);
  expect(await page.locator("canvas").count()).toBeLessThan(20);
  const zoomed = page.getByRole("region", { name: "layer/0/norm" });
  await zoomed.getByRole("button", { name: "Zoom in on the middle" }).click();
  const last = page.getByRole("region", { name: "layer/99/norm" });
  expect(await last.locator("canvas").count()).toBe(0);
  await last.scrollIntoViewIfNeeded();
  await last.locator("canvas").waitFor();
  // What was left works no more, and is as it was left when one comes back.
  await zoomed.locator("canvas").waitFor({ state: "detached" });
  await zoomed.scrollIntoViewIfNeeded();
  await zoomed.locator("canvas").waitFor();
  expect(await zoomed.getByRole("button", { name: "Show all of it" }).isVisible()).toBe(true);
  await page.getByRole("textbox", { name: "Search metrics" }).pressSequentially("NORM 498");
  await page.getByText("1 of 500 metrics").waitFor();
  await page.getByRole("img", { name: "layer/498/norm over steps" }).waitFor();
  await page.waitForURL(/find=NORM/);
  await page.getByRole("textbox", { name: "Search metrics" }).fill("nothing");
  await page.getByText("No metric has such a name").waitFor();
  tab.expectClean();
});

test("hostile names are texts", async () => {
  const run = await newRun("hostile");
  await log(
    run,
    hostile.map((key) => point(key, 1, 0)),
  );
  await using tab = await browser.open(address(run), { width: 390, height: 800 });
  const { page } = tab;
  await page.getByText(`${hostile.length} metrics`).waitFor();
  for (const name of hostile) {
    await chart(page, name).scrollIntoViewIfNeeded();
    await chart(page, name).locator("canvas").waitFor();
  }
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  tab.expectClean();
});

function address(run: string, tab = "model-metrics"): string {
  return `${hub.url}/#/experiments/0/runs/${run}/${tab}`;
}

function chart(page: Page, metric: string): Locator {
  return page.getByRole("region", { name: metric, exact: true });
}

async function showTable(part: Locator): Promise<void> {
  await part.getByRole("button", { name: "Show as table" }).click();
  await part.getByRole("table").waitFor();
}

/** The part of a chart in which its lines are. */
async function plot(part: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  await part.locator("canvas").waitFor();
  const box = await part.locator(".u-over").boundingBox();
  if (box === null) throw new Error("the chart is not in sight");
  return box;
}

/** Puts the cursor on a chart, at a fraction of its width. */
async function pointAt(part: Locator, fraction: number): Promise<void> {
  await part.scrollIntoViewIfNeeded();
  const box = await plot(part);
  await part.page().mouse.move(box.x + 2, box.y + box.height / 2);
  await part.page().mouse.move(box.x + (box.width - 2) * fraction, box.y + box.height / 3);
}

async function drag(part: Locator, from: number, to: number): Promise<void> {
  await part.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await plot(part);
  const { mouse } = part.page();
  await mouse.move(x + width * from, y + height / 2);
  await mouse.down();
  await mouse.move(x + width * to, y + height / 2, { steps: 4 });
  await mouse.up();
}

async function picture(part: Locator): Promise<string> {
  await plot(part);
  const image = await part.locator("canvas").screenshot();
  return image.toString("base64");
}

function point(key: string, value: number | string, step: number) {
  return { key, value, step, timestamp: start + step * 1000 };
}

async function log(run_id: string, metrics: readonly unknown[]): Promise<void> {
  expect((await hub.post("/api/2.0/mlflow/runs/log-batch", { run_id, metrics })).status).toBe(200);
}

async function newRun(run_name: string): Promise<string> {
  const body = { experiment_id: "0", run_name, start_time: start };
  const answer = await hub.post("/api/2.0/mlflow/runs/create", body);
  return created.parse(await answer.json()).run.info.run_id;
}
