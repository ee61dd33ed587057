import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRandomModel } from "../../bench/models/random-model.ts";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

/** Answers in words, where a model of random weights says next to nothing. */
const emberFile = fileURLToPath(new URL("../../models/ember/ember.gguf", import.meta.url));

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  const { client } = hub;
  await hub.addTinyModel("base", 1);
  const second = join(hub.home, "second.gguf");
  await makeRandomModel(second, { preset: "tiny", type: "F16", seed: 2 });
  await client.models.importVersion("base", second);
  await client.models.create({ name: "ember", task_type: "chat", path: emberFile });
  await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  for (const model of ["base:1", "ember:1"])
    await client.evaluations.run({ model, dataset: "colours", split: "test" });
  await client.models.promote("base", { version: 1 });
  await client.models.promote("ember", { version: 1 });
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test.each(["light", "dark"] as const)(
  "two versions are ticked, and what differs in numbers comes first (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/models/base`, { colorScheme });
    const { page } = tab;
    const compare = page.getByRole("button", { name: /^Compare/ });
    await page.getByRole("checkbox", { name: "Compare base:1" }).check();
    expect(await compare.isDisabled()).toBe(true);
    await page.getByRole("checkbox", { name: "Compare base:2" }).check();
    await compare.click();
    await page.getByRole("heading", { level: 1, name: "Compare base:1 and base:2" }).waitFor();
    const checksums = page.getByRole("table", { name: "Checksums (sha256)" });
    for (const number of [1, 2]) {
      const { sha256 } = await hub.client.models.version("base", number);
      await checksums.getByRole("cell", { name: sha256 ?? "" }).waitFor();
    }
    const evaluations = page.getByRole("table", { name: "Evaluations" });
    await evaluations.getByRole("row", { name: "colours:1, test: rows 6 –" }).waitFor();
    const file = page.getByRole("table", { name: "What the file says" });
    await file.getByRole("cell", { name: "architecture" }).waitFor();
    await tab.expectAccessible();
    await page.getByLabel("Only what differs").check();
    await page.getByText("All of it is equal.").first().waitFor();
    expect(await page.getByRole("table", { name: "What the file says" }).count()).toBe(0);
    await checksums.waitFor();
    await page.reload();
    await checksums.waitFor();
    expect(await page.getByLabel("Only what differs").isChecked()).toBe(true);
    tab.expectClean();
  },
);

test("a prompt is answered by both, what differs is marked, and both lead to their traces", async () => {
  await using tab = await browser.open(`${hub.url}/#/compare-versions?of=ember:1&of=base:1`);
  const { page } = tab;
  const section = page.getByRole("region", { name: "One prompt for all" });
  await section.getByLabel("Prompt").fill("What colour is the sky?");
  await section.getByLabel("Expected answer").fill(" the sky ON a clear day is blue.");
  await section.getByLabel("Most tokens").fill("24");
  await section.getByRole("button", { name: "Ask all" }).click();
  await section.getByRole("status").getByText("The answers differ").waitFor();
  const ember = section.getByRole("article", { name: "Answer of ember:1" });
  await ember.locator("mark").getByText("blue").waitFor();
  await section.getByText(/^\d+ blanks and nothing else/).waitFor();
  await ember.getByText("as expected", { exact: true }).waitFor();
  const base = section.getByRole("article", { name: "Answer of base:1" });
  await base.getByText("not as expected").waitFor();
  for (const [card, model] of [
    [ember, "ember"],
    [base, "base"],
  ] as const) {
    const href = await card.getByRole("link", { name: "Its trace" }).getAttribute("href");
    const id = href?.split("trace=")[1] ?? "";
    await expect.poll(() => hub.client.traces.get(id).then((trace) => trace.model)).toBe(model);
  }
  await tab.expectAccessible();
  tab.expectClean();
});

test("versions that answer alike say so", async () => {
  await using tab = await browser.open(`${hub.url}/#/compare-versions?of=ember:1&of=ember@champion`);
  const { page } = tab;
  const section = page.getByRole("region", { name: "One prompt for all" });
  await section.getByLabel("Prompt").fill("What colour is the sky?");
  await section.getByRole("button", { name: "Ask all" }).click();
  await section.getByRole("status").getByText("The answers are the same").waitFor();
  expect(await section.locator("mark").count()).toBe(0);
  tab.expectClean();
});

test("answers are stopped, and an error stands where the answer would be", async () => {
  await using tab = await browser.open(`${hub.url}/#/compare-versions?of=base:1&of=base:2`);
  const { page } = tab;
  const section = page.getByRole("region", { name: "One prompt for all" });
  await section.getByLabel("Prompt").fill("Say something");
  // Held back, so that there is something to stop.
  await page.route("**/v1/chat/completions", () => undefined);
  await section.getByRole("button", { name: "Ask all" }).click();
  await section.getByRole("button", { name: "Stop" }).click();
  const first = section.getByRole("article", { name: "Answer of base:1" });
  await first.getByText("stopped").waitFor();
  await section.getByRole("button", { name: "Ask all" }).waitFor();
  await page.unroute("**/v1/chat/completions");
  await section.getByLabel("Prompt").fill("long ".repeat(20_000));
  await section.getByRole("button", { name: "Ask all" }).click();
  await first.getByRole("alert").waitFor();
});

test("rows show what evaluations keep of them, and are asked now", async () => {
  await using tab = await browser.open(`${hub.url}/#/compare-versions?of=base:1&of=ember:1`);
  const { page } = tab;
  const section = page.getByRole("region", { name: "Rows of a dataset" });
  const rows = section.getByRole("table", { name: "Answers to rows" });
  const first = rows.getByRole("row").nth(1);
  await first.getByText("in its evaluation").first().waitFor();
  expect(await first.getByText("in its evaluation").count()).toBe(2);
  const { items } = await hub.client.evaluations.list();
  const [kept] = items.find(({ model }) => model === "ember")?.examples ?? [];
  await rows
    .getByRole("row")
    .nth(kept?.row ?? 0)
    .getByText(kept?.answer ?? "nothing", { exact: true })
    .waitFor();
  await section.getByRole("group", { name: "Rows that were answered differently" }).waitFor();
  await tab.expectAccessible();
  await section.getByRole("button", { name: "Ask these rows" }).click();
  await section.getByRole("button", { name: "Ask these rows" }).waitFor();
  await expect.poll(() => rows.getByText("in its evaluation").count()).toBe(0);
  await expect.poll(() => rows.getByText(/^(not )?as expected$/).count()).toBe(12);
  await section.getByRole("combobox", { name: "Rows of" }).click();
  await page.getByRole("option", { name: "train" }).click();
  await section.getByText("Not evaluated on these rows: base:1, ember:1").waitFor();
  await rows.getByText("apple?").waitFor();
  await section.getByRole("button", { name: "Page 2" }).click();
  await rows.getByText("lake?").waitFor();
  await page.reload();
  await rows.getByText("lake?").waitFor();
  tab.expectClean();
});

test("a version of another model is added by its name, and an unknown one is told in the hub's words", async () => {
  await using tab = await browser.open(`${hub.url}/#/models/base/versions/2`);
  const { page } = tab;
  await page.getByRole("link", { name: "Compare with…" }).click();
  await page.getByRole("heading", { level: 1, name: "Compare base:2 and base:1" }).waitFor();
  const field = page.getByRole("combobox", { name: "Compare with" });
  await field.fill("ember:1");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("heading", { level: 1, name: "base:2 and base:1 and ember:1" }).waitFor();
  await page.getByRole("table", { name: "Sizes" }).getByText("ember:1").waitFor();
  await page.getByRole("button", { name: "Remove base:1" }).click();
  await page.getByRole("heading", { level: 1, name: "Compare base:2 and ember:1" }).waitFor();
  await field.fill("<img src=x onerror=alert(1)>");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("alert").getByText("<img src=x onerror=alert(1)>").waitFor();
});

test("an address of one model's versions leads there, and the dialog of promotion does", async () => {
  await using tab = await browser.open(`${hub.url}/#/models/base/compare?versions=1,2`);
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: "Compare base:1 and base:2" }).waitFor();
  await page.goto(`${hub.url}/#/models/base/versions/2`);
  await page.getByRole("button", { name: "Promote" }).click();
  await page.getByRole("link", { name: "Compare version 1 with version 2" }).click();
  await page.getByRole("heading", { level: 1, name: "Compare base:1 and base:2" }).waitFor();
  await page.goto(`${hub.url}/#/compare-versions`);
  await page.getByRole("heading", { level: 1, name: "Compare versions" }).waitFor();
  await page.getByText("One more version is needed").waitFor();
  tab.expectClean();
});

test("on a phone the page does not scroll sideways", async () => {
  await using tab = await browser.open(`${hub.url}/#/compare-versions?of=base:1&of=base:2`, {
    width: 390,
    height: 844,
  });
  const { page } = tab;
  await page.getByRole("table", { name: "Answers to rows" }).waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
  await tab.expectAccessible();
});
