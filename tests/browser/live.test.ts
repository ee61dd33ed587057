import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

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
    await using again = await TestHub.start({ home, env: { HEARTH_PORT: port } });
    await again.client.models.create({ name: "after", task_type: "chat" });
    await away.waitFor({ state: "detached" });
    await page.getByText("after", { exact: true }).waitFor();
    expect(await page.locator("h1").getAttribute("data-typed")).toBe("kept");
  } finally {
    await rm(home, { recursive: true });
  }
});
