import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

const hostile = `<img src="http://example.com/x.png" onerror="document.title='broken'">`;

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  await hub.addTinyModel();
  await hub.client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  await hub.client.evaluations.run({ model: "tiny", dataset: "colours", limit: 2 });
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test.each(["light", "dark"] as const)("a dataset shows what is in it (%s)", async (colorScheme) => {
  await using tab = await browser.open(`${hub.url}/#/datasets`, { colorScheme });
  const { page } = tab;
  await page.getByRole("link", { name: "colours:1" }).click();
  await page.getByRole("heading", { level: 1, name: "colours:1" }).waitFor();
  const first = page.getByRole("group", { name: "Row 1", exact: true });
  await first.getByText("apple?").waitFor();
  await page.getByRole("button", { name: "Page 2" }).click();
  await page.getByRole("group", { name: "Row 12" }).getByText("lake?").waitFor();
  await page.getByRole("radiogroup", { name: "Split" }).getByText("test", { exact: true }).click();
  await first.getByText("brick?").waitFor();
  expect(page.url()).toContain("split=test");
  expect(
    await page.getByRole("table", { name: "Labels" }).getByRole("row", { name: "blue" }).innerText(),
  ).toBe("blue\t4\t1\t2");
  await page.getByText(/Characters: shortest/).waitFor();
  await page.getByRole("list", { name: "Used by" }).getByRole("link", { name: "tiny:1" }).waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test(
  "what comes again, what leaks and how many tokens there are is shown",
  { timeout: 120_000 },
  async () => {
    await using tab = await browser.open(`${hub.url}/#/datasets/colours`);
    const { page } = tab;
    const leaks = page.getByRole("table", { name: "In the train split too" });
    await leaks.getByRole("row", { name: "validation" }).waitFor({ timeout: 60_000 });
    expect(await leaks.getByRole("row", { name: "test" }).innerText()).toBe("test\t6\t6");
    await page
      .getByRole("list", { name: "Rows that come again" })
      .getByText("validation, row 1: apple?")
      .waitFor();
    await page.getByRole("combobox", { name: "Tokens of" }).click();
    await page.getByRole("option", { name: "tiny:1" }).click();
    const tokens = page.getByRole("table", { name: "Tokens of rows" });
    await tokens.getByRole("row", { name: "train" }).waitFor({ timeout: 60_000 });
    expect((await tokens.getByRole("row", { name: "train" }).innerText()).split("\t").slice(-3)).toEqual([
      "0",
      "0",
      "0",
    ]);
    await tab.expectAccessible();
    tab.expectClean();
  },
);

test(
  "a table is sent with its columns and divided; the page keeps what it was made from, and versions",
  { timeout: 120_000 },
  async () => {
    const rows = Array.from({ length: 20 }, (_, index) => `q${index},a${index % 2}`);
    await writeFile(join(hub.home, "table.csv"), ["question,answer", ...rows, ""].join("\n"));
    await using tab = await browser.open(`${hub.url}/#/datasets`);
    const { page } = tab;
    const add = async (seed: string) => {
      await page.goto(`${hub.url}/#/datasets`);
      await page.getByRole("button", { name: "Add a dataset" }).click();
      await page.getByLabel("Name").fill("table");
      await page.getByLabel("Or a path").fill(join(hub.home, "table.csv"));
      await page.getByLabel("Column of prompts").fill("question");
      await page.getByLabel("Column of completions").fill("answer");
      await page.getByLabel("Divide the rows").check();
      await page.getByLabel("Seed").fill(seed);
      await tab.expectAccessible();
      await page.getByRole("button", { name: "Add", exact: true }).click();
    };
    await add("7");
    await page.getByRole("heading", { level: 1, name: "table:1" }).waitFor({ timeout: 60_000 });
    await page.getByText("Columns: prompt=question, completion=answer").waitFor();
    await page.getByText("Divided train=0.8, validation=0.1, test=0.1 with seed 7").waitFor();
    const from = page.getByRole("table", { name: "Made from" }).getByRole("row", { name: "table.csv" });
    expect(await from.innerText()).toContain("csv");
    const splits = page.getByRole("table", { name: "Splits" });
    expect(await splits.getByRole("row", { name: "validation" }).innerText()).toMatch(/^validation\t2\t/);
    await add("8");
    await page.getByRole("heading", { level: 1, name: "table:2" }).waitFor({ timeout: 60_000 });
    await page.getByRole("table", { name: "Versions" }).getByRole("link", { name: "version 1" }).click();
    await page.getByRole("heading", { level: 1, name: "table:1" }).waitFor();
    tab.expectClean();
  },
);

test("what somebody put into a row stays text, on a phone too", async () => {
  const row = JSON.stringify({ prompt: hostile.repeat(10), completion: "x".repeat(500) });
  await hub.client.datasets.upload("hostile", [{ name: "train.jsonl", content: new Blob([`${row}\n`]) }]);
  await using tab = await browser.open(`${hub.url}/#/datasets/hostile`, { width: 390 });
  await tab.page.getByText("onerror").first().waitFor();
  expect(await tab.page.locator("main img").count()).toBe(0);
  const overflow = await tab.page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  tab.expectClean();
});

test("files are sent, verified and deleted", async () => {
  await using tab = await browser.open(`${hub.url}/#/datasets`);
  const { page } = tab;
  await page.getByRole("button", { name: "Add a dataset" }).click();
  await page.getByLabel("Name").fill("sent");
  // As text: the tests know no DOM.
  await page.evaluate(`{
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['{"text":"one"}\\n{"text":"two"}\\n'], "train.jsonl"));
    document.querySelector("[data-drop=files]")
      .dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }`);
  await page.getByText("train.jsonl", { exact: true }).waitFor();
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "sent:1" }).waitFor();
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("Every byte is as it was registered").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete the dataset" }).click();
  await page.getByRole("heading", { level: 1, name: "Datasets" }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: "sent:1" }).count()).toBe(0);
  expect((await hub.client.datasets.list()).items.map(({ name }) => name)).not.toContain("sent");
  tab.expectClean();
});

test("a path is registered; what the hub refuses is told in its words", async () => {
  const path = join(hub.home, "texts.jsonl");
  await writeFile(path, `{"text":"one"}\n`);
  await using tab = await browser.open(`${hub.url}/#/datasets`);
  const { page } = tab;
  await page.getByRole("button", { name: "Add a dataset" }).click();
  await page.getByLabel("Name").fill("texts");
  await page.getByLabel("Or a path").fill(join(hub.home, "none.jsonl"));
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("alert").getByText("none.jsonl").waitFor();
  await page.getByLabel("Or a path").fill(path);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "texts:1" }).waitFor();
  await page.goto(`${hub.url}/#/datasets/colours`);
  await page.getByRole("heading", { level: 1, name: "colours:1" }).waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete the dataset" }).click();
  await page.getByRole("alert").getByText("is used by").waitFor();
});
