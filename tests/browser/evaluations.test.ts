import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRandomModel } from "../../bench/models/random-model.ts";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

const patience = 180_000;
let hub: TestHub;
let browser: TestBrowser;
let scorer: string;

beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  const { client } = hub;
  await hub.addTinyModel("base", 1);
  const second = join(hub.home, "second.gguf");
  await makeRandomModel(second, { preset: "tiny", type: "F16", seed: 2 });
  await client.models.importVersion("base", second);
  await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  scorer = join(hub.home, "rows.ts");
  await writeFile(
    scorer,
    `export const name = "careful";
     export const score = ({ prompt }: { prompt: string }): number => {
       if (prompt === "brick?") throw new Error("bricks are not judged");
       return prompt.length / 10;
     };`,
  );
}, patience);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test(
  "a version is measured on the page: intervals, labels, a scorer with a failed row, and every answer",
  { timeout: patience },
  async () => {
    await using tab = await browser.open(`${hub.url}/#/models/base/versions/1`);
    const { page } = tab;
    await page.getByRole("combobox", { name: "Dataset" }).click();
    await page.getByRole("option", { name: "colours:1" }).click();
    await page.getByRole("textbox", { name: "Scorers of your own" }).fill(scorer);
    await page.getByRole("button", { name: "Evaluate" }).click();
    const result = page.getByRole("group", { name: "Evaluation on colours:1, test" });
    const figures = result.getByRole("table", { name: "Figures" });
    await figures.getByRole("columnheader", { name: "95 % interval" }).waitFor();
    const [found] = (await hub.client.evaluations.list()).items;
    for (const name of ["accuracy", "loss", "perplexity", "careful"]) {
      const row = figures.getByRole("row").filter({ has: page.getByRole("cell", { name, exact: true }) });
      await row.getByText(/ to /).waitFor();
      expect(found?.intervals).toHaveProperty(name);
    }
    await result.getByText("1 failed; the first: Error: bricks are not judged").waitFor();
    await result.getByRole("table", { name: "Labels" }).getByRole("rowheader", { name: "blue" }).waitFor();
    await result.getByRole("button", { name: "Show the answers" }).click();
    const answers = result.getByRole("table", { name: "Answers" });
    await answers.getByText("brick?").waitFor();
    await answers.getByText("careful failed: Error: bricks are not judged").waitFor();
    await tab.expectAccessible();
    await result.getByText("failed", { exact: true }).click();
    await result.getByText("1 rows", { exact: true }).waitFor();
    await expect.poll(() => answers.getByRole("row").count()).toBe(2);
    await result.getByText("wrong", { exact: true }).click();
    const wrong = await hub.client.evaluations.rows(found?.id ?? "", { only: "wrong" });
    await result.getByText(`${wrong.total} rows`, { exact: true }).waitFor();
    await expect.poll(() => answers.getByText("✗ wrong").count()).toBe(wrong.total);
    tab.expectClean();
  },
);

test(
  "a gate that lacks a figure is given it, tells the difference, and two versions are compared by pairs",
  { timeout: patience },
  async () => {
    const { client } = hub;
    await client.models.promote("base", { version: 1 });
    if ((await client.evaluations.list()).total === 0)
      await client.evaluations.run({ model: "base:1", dataset: "colours" });
    await using tab = await browser.open(`${hub.url}/#/models/base/versions/2`);
    const { page } = tab;
    await page.getByRole("button", { name: "Promote" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Gates" }).fill("loss<=champion+100\nci_low(accuracy)>=0");
    await dialog.getByRole("button", { name: "Promote" }).click();
    await dialog.getByText("hearth eval base:2 --dataset colours:1 --split test").first().waitFor();
    await dialog.getByRole("button", { name: "Measure what is missing" }).click();
    await dialog.getByText("@champion is version 2 now").waitFor();
    await dialog.getByText(/on the same rows it differs by/).waitFor();
    await tab.expectAccessible();
    await page.goto(`${hub.url}/#/compare-versions?of=base:1&of=base:2`);
    const section = page.getByRole("region", { name: "Difference on the same rows" });
    const table = section.getByRole("table", { name: "Differences on colours:1, test, 6 rows" });
    const loss = table
      .getByRole("row")
      .filter({ has: page.getByRole("cell", { name: "loss", exact: true }) });
    await loss.getByText(/ to /).waitFor();
    await section.getByText(/Right: both \d+, only base:1 \d+, only base:2 \d+/).waitFor();
    await tab.expectAccessible();
    await page.goto(`${hub.url}/#/models/base`);
    const card = page.getByRole("group", { name: "Alias champion" });
    await card.getByText(/promoted .* by .*127\.0\.0\.1/).waitFor();
    await card.getByRole("button", { name: "Roll back to version 1" }).click();
    await page.getByRole("table", { name: "History" }).getByText("rolled back").waitFor();
    await card.getByRole("button", { name: /^Roll back/ }).waitFor({ state: "detached" });
    expect((await client.models.get("base")).aliases).toEqual({ champion: 1 });
    tab.expectClean();
  },
);

test("on a phone nothing scrolls sideways", { timeout: patience }, async () => {
  if ((await hub.client.evaluations.list()).total === 0)
    await hub.client.evaluations.run({ model: "base:1", dataset: "colours" });
  await using tab = await browser.open(`${hub.url}/#/models/base/versions/1`, { width: 390, height: 844 });
  const { page } = tab;
  await page.getByRole("button", { name: "Show the answers" }).first().click();
  await page.getByRole("table", { name: "Answers" }).waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  await tab.expectAccessible();
});
