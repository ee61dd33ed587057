import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";
import { fillTable } from "./many-runs.ts";

let hub: TestHub;
let browser: TestBrowser;
let many: string;
let few: string;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  many = (await hub.client.experiments.create("many")).id;
  few = (await hub.client.experiments.create("few")).id;
  fillTable(hub.home, many, 100_000);
  fillTable(hub.home, few, 60);
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test("experiments are created, found, renamed, deleted and restored", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments`);
  const { page } = tab;
  await page.getByRole("button", { name: "New experiment" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("<b>mine</b>");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("link", { name: "<b>mine</b>" }).waitFor();
  await page.getByRole("button", { name: "Rename <b>mine</b>" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("yours");
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await page.getByLabel("Search experiments").fill("YOUR");
  await page.getByRole("link", { name: "many" }).waitFor({ state: "detached" });
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Delete yours" }).click();
  await page.getByText("No experiment here").waitFor();
  await page.getByLabel("Deleted").check();
  await page.getByRole("button", { name: "Restore yours" }).click();
  await page.getByText("No experiment here").waitFor();
  expect((await hub.client.experiments.list({ search: "yours" })).items).toHaveLength(1);
  tab.expectClean();
});

test.each(["light", "dark"] as const)(
  "100,000 runs: jump to the end, filter, order (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/experiments/${many}`, { colorScheme });
    const { page } = tab;
    await page.getByText("100,000 runs").waitFor();
    await page.getByRole("link", { name: "run-99999", exact: true }).waitFor();
    const grid = page.getByRole("grid", { name: "Runs" });
    expect(await grid.getAttribute("aria-rowcount")).toBe("100001");
    await tab.expectAccessible();
    await grid.focus();
    await page.keyboard.press("End");
    await page.getByRole("link", { name: "run-0", exact: true }).waitFor();
    expect(await page.getByRole("row").count()).toBeLessThan(60);

    const filter = page.getByRole("textbox", { name: "Filter" });
    await filter.fill("metrics.acc");
    await page.getByRole("option", { name: "metrics.accuracy" }).click();
    await filter.pressSequentially("> 0.9999");
    await page.keyboard.press("Enter");
    await page.getByText("9 runs", { exact: true }).waitFor();
    await page.getByRole("button", { name: "accuracy" }).click();
    await page.getByRole("button", { name: "accuracy" }).click();
    await expect.poll(() => page.getByRole("row").nth(1).textContent()).toContain("run-99991");
    // The address holds what is seen.
    await page.reload();
    await page.getByText("9 runs", { exact: true }).waitFor();
    await expect.poll(() => page.getByRole("row").nth(1).textContent()).toContain("run-99991");
    await tab.expectAccessible();
    tab.expectClean();
  },
  60_000,
);

test("a filter that the hub refuses is told where it is written", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/${few}`);
  const { page } = tab;
  await page.getByText("60 runs").waitFor();
  await page.getByRole("textbox", { name: "Filter" }).fill("metrics.loss <");
  await page.keyboard.press("Enter");
  const words = page.locator(".mantine-InputWrapper-error");
  await words.waitFor();
  const refused = await hub.client.runs
    .search({ experiment_ids: [few], filter: "metrics.loss <" })
    .catch((error: unknown) => String(error));
  expect(refused).toContain(await words.textContent());
});

test("groups, columns and pins", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/${few}`);
  const { page } = tab;
  await page.getByRole("button", { name: "Pin run-57" }).click();
  await page.getByRole("button", { name: "Unpin run-57" }).first().waitFor();
  await expect.poll(() => page.getByRole("row").nth(1).textContent()).toContain("run-57");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByLabel("tags.team").check();
  await page.getByRole("button", { name: "Move tags.team to the left" }).click();
  await tab.expectAccessible();
  await page.keyboard.press("Escape");
  const heads = page.getByRole("columnheader");
  await expect.poll(() => heads.nth(-2).textContent()).toBe("team");
  await page.getByRole("combobox", { name: "Group by" }).click();
  await page.getByRole("option", { name: "params.model" }).click();
  await page.getByRole("row", { name: /model-1\s*20\s*0\.4917/ }).waitFor();
  await tab.expectAccessible();
  await page.getByRole("button", { name: "model-1" }).click();
  await page.getByText("20 runs", { exact: true }).waitFor();
  tab.expectClean();
});

test("runs are chosen by range, compared, deleted and restored", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/${few}`);
  const { page } = tab;
  await page.getByLabel("Select run-59").click();
  await page.getByLabel("Select run-57").click({ modifiers: ["Shift"] });
  await page.getByText("3 chosen").waitFor();
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("heading", { name: "Compare 3 runs" }).waitFor();
  const params = page.getByRole("table", { name: "Parameters" });
  await params.waitFor();
  expect(await params.getByRole("row").nth(1).textContent()).toBe("lr0.100.90.8");
  await page.getByRole("img", { name: /parallel coordinates/i }).waitFor();
  await tab.expectAccessible();
  await page.goBack();
  await page.getByLabel("Select run-59").click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("59 runs", { exact: true }).waitFor();
  await page.getByLabel("Deleted").check();
  await page.getByText("1 run", { exact: true }).waitFor();
  await page.getByLabel("Select run-59").click();
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByText("No runs here").waitFor();
  expect((await hub.client.runs.search({ experiment_ids: [few] })).total).toBe(60);
  tab.expectClean();
});

test("MLflow's links open", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/${few}/runs`);
  const { page } = tab;
  await page.getByText("60 runs").waitFor();
  const { items } = await hub.client.runs.search({ experiment_ids: [few], limit: 2 });
  const runs = JSON.stringify(items.map(({ id }) => id));
  await page.goto(`${hub.url}/#/compare-runs?runs=${runs}&experiments=["${few}"]`);
  await page.getByRole("heading", { name: "Compare 2 runs" }).waitFor();
  await page.goto(`${hub.url}/#/compare-experiments/s?experiments=["${many}","${few}"]`);
  await page.getByText("100,060 runs").waitFor();
  await page.goto(`${hub.url}/#/experiments/404`);
  await page.getByRole("alert").waitFor();
});

test("the table fits a phone", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/${few}`, { width: 390, height: 800 });
  await tab.page.getByText("60 runs").waitFor();
  const overflow = await tab.page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});
