import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";
import { logCurves, postMlflow, usualStart } from "./curves.ts";

const hostile = "<img src=x onerror=alert(1)>";

let hub: TestHub;
let browser: TestBrowser;
let experiment: string;
let runs: string[];
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  experiment = (await hub.client.experiments.create("curves")).id;
  runs = [];
  for (const [index, optimizer] of ["adam", "adam", "adam", "sgd", "sgd", hostile].entries())
    runs.push(
      await logCurves(hub, {
        experiment,
        name: index === 5 ? hostile : `run-${index}`,
        params: { optimizer, lr: `0.${index + 1}` },
        start: usualStart + index * 60_000,
        metrics: { loss: [4 + index, 2 + index, 1 + index], accuracy: [0.1 * index, 0.2 * index] },
      }),
    );
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

const address = (search = "") => `${hub.url}/#/experiments/${experiment}/charts${search}`;
const chart = (page: Page, name: string) => page.getByRole("img", { name, exact: true });
/** What the points of a chart are, as its table says it. */
const pointsOf = async (page: Page, metric: string): Promise<string[]> => {
  const section = page.getByRole("region", { name: metric, exact: true });
  await section.getByRole("button", { name: "Show as table" }).click();
  await section.getByRole("table").waitFor();
  const texts = await section.getByRole("row").allTextContents();
  await section.getByRole("button", { name: "Show as chart" }).click();
  return texts.slice(1);
};

test.each(["light", "dark"] as const)(
  "the runs of a table are charts, a filter leaves fewer, and the address holds it (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/experiments/${experiment}`, { colorScheme });
    const { page } = tab;
    await page.getByText("6 runs", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Charts" }).click();
    await chart(page, "loss, 6 lines").locator("canvas").waitFor();
    await chart(page, "accuracy, 6 lines").waitFor();
    expect(await page.locator("img[src=x]").count()).toBe(0);
    await tab.expectAccessible();
    const filter = page.getByRole("textbox", { name: "Filter" });
    await filter.fill("params.optimizer = 'adam'");
    await page.keyboard.press("Enter");
    await chart(page, "loss, 3 lines").waitFor();
    await page.reload();
    await chart(page, "loss, 3 lines").waitFor();
    await page.getByRole("link", { name: "Table" }).click();
    await page.getByText("3 runs", { exact: true }).waitFor();
    tab.expectClean();
  },
);

test("groups are their mean with a band, and open to their runs", async () => {
  await using tab = await browser.open(address("?metrics=[%22loss%22]"));
  const { page } = tab;
  await page.getByRole("combobox", { name: "Group by" }).click();
  await page.getByRole("option", { name: "params.optimizer" }).click();
  await chart(page, "loss, 3 lines").waitFor();
  expect(await page.getByLabel("Band").isChecked()).toBe(true);
  const points = await pointsOf(page, "loss");
  for (const mean of ["adam05", "adam13", "adam22", "sgd07.5", `${hostile}09`])
    expect(points).toContain(mean);
  await chart(page, "loss, 3 lines").hover();
  await page.getByText("2 (1 to 3)").or(page.getByText("3 (2 to 4)")).first().waitFor();
  await page.getByRole("button", { name: "Runs of adam" }).click();
  await chart(page, "loss, 6 lines").waitFor();
  await page.getByLabel("Band").uncheck();
  await page.getByRole("checkbox", { name: "Show sgd" }).uncheck();
  await chart(page, "loss, 5 lines").waitFor();
  await tab.expectAccessible();
  await page.reload();
  await chart(page, "loss, 5 lines").waitFor();
  expect(await page.getByLabel("Band").isChecked()).toBe(false);
  expect(await page.locator("img[src=x]").count()).toBe(0);
  tab.expectClean();
});

test("lines are hidden and shown from their list without asking again, and a run opens from it", async () => {
  await using tab = await browser.open(address());
  const { page } = tab;
  await chart(page, "loss, 6 lines").waitFor();
  await chart(page, "accuracy, 6 lines").waitFor();
  const color = page.getByRole("listitem").filter({ hasText: "run-2" }).locator("span").first();
  const before = await color.getAttribute("style");
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/metrics/series")) asked.push(request.url());
  });
  await page.getByRole("checkbox", { name: "Show run-1", exact: true }).uncheck();
  await chart(page, "loss, 5 lines").waitFor();
  await chart(page, "accuracy, 5 lines").waitFor();
  expect(await color.getAttribute("style")).toBe(before);
  await page.reload();
  await chart(page, "loss, 5 lines").waitFor();
  asked.length = 0;
  await page.getByRole("button", { name: "Hide all" }).click();
  await page.getByRole("checkbox", { name: "Show run-2", exact: true }).check();
  await chart(page, "loss, 1 line").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await chart(page, "loss, 6 lines").waitFor();
  expect(asked).toEqual([]);
  await page.getByRole("link", { name: "run-4" }).click();
  await page.getByRole("heading", { level: 1, name: "run-4" }).waitFor();
  tab.expectClean();
});

test("axes and smoothing are those of the address", async () => {
  await using tab = await browser.open(address("?metrics=[%22loss%22]"));
  const { page } = tab;
  await chart(page, "loss, 6 lines").waitFor();
  expect(await pointsOf(page, "loss")).toContain("run-012");
  await page.getByText("Relative time").click();
  expect(await pointsOf(page, "loss")).toContain("run-01 s2");
  await page.getByText("Wall time").click();
  await expect
    .poll(() => pointsOf(page, "loss").then((points) => points.join()))
    .toContain("run-12026-01-01");
  await page.getByLabel("Log y").check();
  await page.getByRole("slider", { name: "Smoothing" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.reload();
  await chart(page, "loss, 6 lines").waitFor();
  expect(await page.getByLabel("Log y").isChecked()).toBe(true);
  expect(await page.getByRole("radio", { name: "Wall time" }).isChecked()).toBe(true);
  expect(await page.getByRole("slider", { name: "Smoothing" }).getAttribute("aria-valuenow")).toBe("0.01");
  tab.expectClean();
});

test("a part of a long run comes in full detail", async () => {
  const long = (await hub.client.experiments.create("long")).id;
  const values = Array.from({ length: 3_000 }, (_, step) => Math.sin(step));
  await logCurves(hub, { experiment: long, name: "long", metrics: { wave: values } });
  await using tab = await browser.open(`${hub.url}/#/experiments/${long}/charts`);
  const { page } = tab;
  await chart(page, "wave, 1 line").waitFor();
  const wave = page.getByRole("region", { name: "wave", exact: true });
  const part = page.waitForRequest((request) => request.postData()?.includes("start_step") === true);
  const box = await chart(page, "wave, 1 line").boundingBox();
  if (box === null) throw new Error("the chart is not shown");
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.55, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await part;
  await wave.getByRole("button", { name: "Show all of it" }).waitFor();
  await page.reload();
  await wave.getByRole("button", { name: "Show all of it" }).waitFor();
  // Extremes of spans would say that they are.
  await wave.getByRole("button", { name: "Show as table" }).click();
  await wave.getByText(/^1\d\d points$/).waitFor();
  await wave.getByRole("button", { name: "Show all of it" }).click();
  await wave.getByRole("button", { name: "Show all of it" }).waitFor({ state: "detached" });
  expect(page.url()).not.toContain("zoom");
  tab.expectClean();
});

test("a run that goes on grows in its charts by itself", async () => {
  const live = (await hub.client.experiments.create("live")).id;
  const run_id = await logCurves(hub, {
    experiment: live,
    name: "going",
    metrics: { loss: [3, 2] },
    running: true,
  });
  await using tab = await browser.open(`${hub.url}/#/experiments/${live}/charts`);
  const { page } = tab;
  await chart(page, "loss, 1 line").waitFor();
  await page.getByRole("button", { name: "Show as table" }).click();
  await page.getByText("2 points", { exact: true }).waitFor();
  await postMlflow(hub, "runs/log-metric", { run_id, key: "loss", value: 1, step: 2, timestamp: usualStart });
  await page.getByText("3 points", { exact: true }).waitFor();
  const other = await logCurves(hub, {
    experiment: live,
    name: "later",
    metrics: { loss: [5] },
    running: true,
  });
  await page.getByText("4 points", { exact: true }).waitFor();
  await page.getByRole("link", { name: "later" }).waitFor();
  expect(other).not.toBe(run_id);
  await postMlflow(hub, "runs/log-metric", { run_id, key: "new", value: 1, step: 0, timestamp: usualStart });
  await chart(page, "new, 1 line").waitFor();
  tab.expectClean();
});

test("500 metrics: those in sight are drawn, and one is found by its name", async () => {
  const wide = (await hub.client.experiments.create("wide")).id;
  const metrics = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`metric/${index}`, [1, 2]]));
  await logCurves(hub, { experiment: wide, name: "wide", metrics: {} });
  const [run] = (await hub.client.runs.search({ experiment_ids: [wide] })).items;
  await postMlflow(hub, "runs/log-batch", {
    run_id: run?.id,
    metrics: Object.entries(metrics).flatMap(([key, values]) =>
      values.map((value, step) => ({ key, value, step, timestamp: usualStart + step })),
    ),
  });
  await using tab = await browser.open(`${hub.url}/#/experiments/${wide}/charts`);
  const { page } = tab;
  await chart(page, "metric/0, 1 line").waitFor();
  expect(await page.locator("canvas").count()).toBeLessThan(20);
  await page.getByRole("button", { name: "Metrics" }).click();
  await page.getByText("440 more").waitFor();
  await page.getByLabel("Find a metric").fill("/499");
  await page.getByRole("button", { name: "Only the found" }).click();
  await tab.expectAccessible();
  await page.keyboard.press("Escape");
  await chart(page, "metric/499, 1 line").waitFor();
  await expect.poll(() => page.locator("canvas").count()).toBe(1);
  tab.expectClean();
});

test("runs that were chosen in the table are charts of their own", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/${experiment}`);
  const { page } = tab;
  await page.getByLabel("Select run-0").click();
  await page.getByLabel("Select run-3").click();
  await page.getByRole("link", { name: "Charts" }).last().click();
  await chart(page, "loss, 2 lines").waitFor();
  await page.getByRole("button", { name: "Show those of the filter" }).click();
  await chart(page, "loss, 6 lines").waitFor();
  await page.getByRole("combobox", { name: "Runs shown" }).click();
  await page.getByRole("option", { name: "10 runs" }).click();
  await page.waitForURL(/show=10/);
  tab.expectClean();
});

test("the same runs as parallel coordinates with axes that are chosen", async () => {
  await using tab = await browser.open(address());
  const { page } = tab;
  await page.getByText("Parallel coordinates").click();
  await page.getByRole("img", { name: "Parallel coordinates of 6 runs" }).locator("canvas").waitFor();
  await page.getByRole("combobox", { name: "Axes" }).click();
  await page.getByRole("option", { name: "params.lr" }).click();
  await page.waitForURL(/axes=/);
  expect(decodeURIComponent(page.url())).not.toContain("params.lr");
  await page.keyboard.press("Escape");
  await tab.expectAccessible();
  await page.reload();
  await page.getByRole("img", { name: "Parallel coordinates of 6 runs" }).locator("canvas").waitFor();
  tab.expectClean();
});

test("MLflow's links to a metric of some runs open the comparison", async () => {
  const [a, b] = runs;
  const ids = `runs=["${a}","${b}"]&experiments=["${experiment}"]`;
  for (const link of [
    `metric?${ids}&metric=%22loss%22&plot_metric_keys=[%22loss%22]&plot_layout={}&x_axis=relative&y_axis_scale=log&line_smoothness=60&show_point=false&deselected_curves=["${b}-loss"]&last_linear_y_axis_range=[]`,
    `metric/loss?${ids}&plot_metric_keys=["loss"]&x_axis=relative&y_axis_scale=log&line_smoothness=60&deselected_curves=["${b}-loss"]`,
  ]) {
    await using tab = await browser.open(`${hub.url}/#/${link}`);
    const { page } = tab;
    await page.getByRole("heading", { name: "Compare 2 runs" }).waitFor();
    await chart(page, "loss, 1 line").waitFor();
    expect(await page.getByRole("radio", { name: "Relative time" }).isChecked()).toBe(true);
    expect(await page.getByLabel("Log y").isChecked()).toBe(true);
    expect(await page.getByRole("slider", { name: "Smoothing" }).getAttribute("aria-valuenow")).toBe("0.6");
    expect(await page.getByRole("region", { name: "accuracy", exact: true }).count()).toBe(0);
    tab.expectClean();
  }
  await using tab = await browser.open(`${hub.url}/#/metric?runs=nonsense&metric=1&x_axis=up`);
  await tab.page.getByText("No runs are named in this address").waitFor();
});

test("compared runs have a chart for each metric, and hidden ones stay hidden", async () => {
  await using tab = await browser.open(`${hub.url}/#/compare-runs?runs=${JSON.stringify(runs.slice(0, 3))}`);
  const { page } = tab;
  await chart(page, "loss, 3 lines").waitFor();
  await chart(page, "accuracy, 3 lines").waitFor();
  await page.getByRole("checkbox", { name: "Show run-1", exact: true }).uncheck();
  await chart(page, "loss, 2 lines").waitFor();
  await tab.expectAccessible();
  await page.reload();
  await chart(page, "loss, 2 lines").waitFor();
  tab.expectClean();
});

test("several experiments share charts", async () => {
  const other = (await hub.client.experiments.create("other")).id;
  await logCurves(hub, { experiment: other, name: "elsewhere", metrics: { loss: [1] } });
  await using tab = await browser.open(
    `${hub.url}/#/compare-experiments/s?experiments=["${experiment}","${other}"]`,
  );
  const { page } = tab;
  await page.getByRole("link", { name: "Charts" }).click();
  await chart(page, "loss, 7 lines").waitFor();
  tab.expectClean();
});

test("an experiment without runs, and one without metrics, say what to do", async () => {
  const empty = (await hub.client.experiments.create("empty")).id;
  await using tab = await browser.open(`${hub.url}/#/experiments/${empty}/charts`);
  const { page } = tab;
  await page.getByText("No runs here").waitFor();
  await logCurves(hub, { experiment: empty, name: "silent", metrics: {} });
  await page.reload();
  await page.getByText("No metrics here").waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("a filter that the hub refuses is told where it is written", async () => {
  await using tab = await browser.open(address("?filter=metrics.loss%20%3C"));
  await tab.page.locator(".mantine-InputWrapper-error").waitFor();
});

test("the charts fit a phone", async () => {
  await using tab = await browser.open(address("?group=params.optimizer"), { width: 390, height: 800 });
  await chart(tab.page, "loss, 3 lines").waitFor();
  const overflow = await tab.page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});
