import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Route } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

/** Of a page that another tab, or another window, has been put over. */
const setHidden = (hidden: boolean): string =>
  `Object.defineProperty(document, "hidden", { configurable: true, value: ${hidden} });
   document.dispatchEvent(new Event("visibilitychange"));`;

let browser: TestBrowser;
beforeAll(async () => {
  browser = await TestBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());

test("what changes in the hub shows by itself, without polling", async () => {
  await using hub = await TestHub.start();
  await using tab = await browser.open(`${hub.url}/#/datasets`);
  await tab.page.getByText("No datasets yet").waitFor();
  // Whoever polls asks first whether anybody is there.
  const asked: string[] = [];
  tab.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await hub.client.datasets.create({ name: "newcomer", path: await writeSmallDataset(hub.home) });
  await tab.page.getByRole("link", { name: "newcomer:1" }).waitFor();
  expect(asked).toContain("/datasets");
  expect(asked).not.toContain("/health");
  tab.expectClean();
});

test("the page outlives its hub and goes on with the next one", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-away-"));
  try {
    const hub = await TestHub.start({ home });
    const port = String(hub.port);
    await using tab = await browser.open(`${hub.url}/#/models`);
    const { page } = tab;
    await page.getByRole("heading", { level: 1 }).waitFor();
    // What is not drawn anew keeps what was written on it.
    await page.locator("h1").evaluate((heading) => heading.setAttribute("data-typed", "kept"));
    await hub.stop();
    const away = page.getByText("The hub is away.");
    await away.waitFor();
    await tab.expectAccessible();
    const resumed = page.waitForRequest((request) => request.url().endsWith("/events"));
    await using again = await TestHub.start({ home, env: { HEARTH_PORT: port } });
    expect((await resumed).headers()["last-event-id"]).toBeDefined();
    await again.client.models.create({ name: "after", task_type: "chat" });
    await away.waitFor({ state: "detached" });
    await page.getByText("after", { exact: true }).waitFor();
    expect(await page.locator("h1").getAttribute("data-typed")).toBe("kept");
  } finally {
    await rm(home, { recursive: true });
  }
});

test.each([
  ["refused", (route: Route) => route.abort()],
  [
    "broken",
    (route: Route) => route.fulfill({ status: 502, contentType: "text/html", body: "<p>bad gateway" }),
  ],
])(
  "where the stream is %s the page looks for itself, says so, and goes back to the stream",
  async (_, answer) => {
    await using hub = await TestHub.start();
    await using tab = await browser.open("about:blank");
    const { page } = tab;
    await page.route("**/events", answer);
    await page.goto(`${hub.url}/#/datasets`);
    await page.getByText("No datasets yet").waitFor();
    const notice = page.getByText("its live feed cannot be reached");
    await notice.waitFor();
    await tab.expectAccessible();
    await hub.client.datasets.create({ name: "newcomer", path: await writeSmallDataset(hub.home) });
    await page.getByRole("link", { name: "newcomer:1" }).waitFor();
    await page.unroute("**/events");
    await notice.waitFor({ state: "detached" });
  },
);

test("who does not want to wait tries at once", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-retry-"));
  try {
    const hub = await TestHub.start({ home });
    await using tab = await browser.open("about:blank");
    const { page } = tab;
    await page.clock.install();
    await page.goto(`${hub.url}/#/models`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await hub.stop();
    const away = page.getByText("The hub is away.");
    await away.waitFor();
    // From now on no timer of the page ends: only the button can bring the hub back.
    await page.clock.pauseAt(Date.now() + 3_600_000);
    await using again = await TestHub.start({ home, env: { HEARTH_PORT: String(hub.port) } });
    expect(await away.count()).toBe(1);
    await page.getByRole("button", { name: "Try now" }).click();
    await away.waitFor({ state: "detached" });
    expect(again.url).toBe(hub.url);
  } finally {
    await rm(home, { recursive: true });
  }
});

test("a hidden tab leaves the hub alone; shown again it goes on where it was and misses nothing", async () => {
  await using hub = await TestHub.start();
  await using tab = await browser.open(`${hub.url}/#/datasets`);
  const { page } = tab;
  await page.getByText("No datasets yet").waitFor();
  const stopped = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/events"));
  await page.evaluate(setHidden(true));
  await stopped;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await hub.client.datasets.create({ name: "unseen", path: await writeSmallDataset(hub.home) });
  expect(asked).not.toContain("/events");
  const resumed = page.waitForRequest((request) => request.url().endsWith("/events"));
  await page.evaluate(setHidden(false));
  expect((await resumed).headers()["last-event-id"]).toMatch(/^[0-9a-f]+-\d+$/);
  await page.getByRole("link", { name: "unseen:1" }).waitFor();
  tab.expectClean();
});

test("two tabs stay alike", async () => {
  await using hub = await TestHub.start();
  await using tab = await browser.open(`${hub.url}/#/experiments`);
  const { page } = tab;
  const other = await page.context().newPage();
  await other.goto(`${hub.url}/#/experiments`);
  await other.getByRole("link", { name: "Default" }).waitFor();
  await page.getByRole("button", { name: "New experiment" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("of the first tab");
  await page.keyboard.press("Enter");
  await other.getByRole("link", { name: "of the first tab" }).waitFor();
  await other.getByRole("button", { name: "Delete of the first tab" }).click();
  await page.getByRole("link", { name: "of the first tab" }).waitFor({ state: "detached" });
  tab.expectClean();
});

test("a machine without a network asks its own hub all the same", async () => {
  await using hub = await TestHub.start();
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  await page.getByText("No models yet").waitFor();
  await page.evaluate(`dispatchEvent(new Event("offline"))`);
  await page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: "Datasets" }).click();
  await page.getByText("No datasets yet").waitFor();
  tab.expectClean();
});
