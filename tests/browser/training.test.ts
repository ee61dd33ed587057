import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  await hub.addTinyModel("base");
  await hub.client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test("a job from the form to its version", { timeout: 120_000 }, async () => {
  await using tab = await browser.open(`${hub.url}/#/training`);
  const { page } = tab;
  await page.getByText("Nothing has been trained yet").waitFor();
  // What the datasets' page links to leads to the form.
  await page.goto(`${hub.url}/#/training?dataset=colours&base=base`);
  const start = page.getByRole("button", { name: "Start training" });
  expect(await start.isDisabled()).toBe(true);
  await page.getByRole("combobox", { name: "Model" }).fill("tuned");
  expect(await page.getByRole("combobox", { name: "Dataset" }).inputValue()).toBe("colours");
  expect(await page.getByRole("combobox", { name: "Base" }).inputValue()).toBe("base:1");
  const estimate = page.getByRole("region", { name: "Estimate" });
  await estimate.getByText("no earlier 'lora' job on base:1 has measured it").waitFor();
  await estimate
    .getByText(/^about \d+ MB$/)
    .first()
    .waitFor();
  await tab.expectAccessible();

  // Refused here by the schema, and by the hub for what only it knows; each at its field.
  await page.getByLabel("Rank").fill("0");
  await page.getByText("Too small: expected number to be >=1").waitFor();
  await page.getByLabel("Rank").fill("4");
  await page.getByLabel("Batch size").fill("40");
  await page.getByText("a batch of 40 is more than the 12 rows").first().waitFor();
  expect(await page.getByLabel("Batch size").getAttribute("aria-invalid")).toBe("true");
  expect(await start.isDisabled()).toBe(true);
  expect((await hub.client.models.list()).items.map(({ name }) => name)).toEqual(["base"]);
  tab.problems.length = 0; // Chromium logs the refusal, as it was meant

  await page.getByLabel("Batch size").fill("4");
  await page.getByLabel("Epochs").fill("4");
  await estimate.getByRole("row", { name: "Steps 12", exact: true }).waitFor();
  await start.click();
  await page.waitForURL(/#\/training\/jobs\//);
  await page.getByRole("heading", { level: 1, name: "tuned:1" }).waitFor();
  await page.getByRole("link", { name: "Version 1" }).waitFor({ timeout: 60_000 });
  await page.getByRole("img", { name: "Loss by step" }).waitFor();
  const job = (await hub.client.jobs.list()).items[0];
  await page.getByText(job?.adapter_sha256 ?? "none").waitFor();
  await page
    .getByRole("log")
    .getByText(/Training: 12 rows/)
    .waitFor();
  await tab.expectAccessible();

  await page.getByRole("link", { name: "Train again with these settings" }).click();
  await estimate.getByText(/^as tuned:1 measured: \d+ tokens\/s$/).waitFor();
  expect(await page.getByLabel("Rank").inputValue()).toBe("4");
  expect(await page.getByLabel("Epochs").inputValue()).toBe("4");
  await page.goBack();
  await page.getByRole("button", { name: "Reproduce" }).click();
  await page.getByText("Identical: the same bytes as the version's.").waitFor({ timeout: 60_000 });

  await page.goto(`${hub.url}/#/training`);
  const finished = page.getByRole("region", { name: "Finished" });
  const run = finished.getByRole("link", { name: "Run", exact: true }).last();
  expect(await run.getAttribute("href")).toMatch(/^#\/experiments\/.+\/runs\//);
  const version = finished.getByRole("link", { name: "Version 1" }).first();
  expect(await version.getAttribute("href")).toBe("#/models/tuned/versions/1");
  await tab.expectAccessible();
  tab.expectClean();
});

test("the queue: live loss, another order by keyboard, cancelled", { timeout: 120_000 }, async () => {
  const { client } = hub;
  for (const name of ["long", "second", "third"]) {
    await client.models.create({ name, base_model: "base", task_type: "chat" });
    await client.jobs.create({ model_id: name, dataset_id: "colours", epochs: 1000, batch_size: 1 });
  }
  await using tab = await browser.open(`${hub.url}/#/training`, { width: 390, height: 900 });
  const { page } = tab;
  await page
    .getByRole("region", { name: "Running" })
    .getByText(/step \d+ of 12,000 · loss/)
    .waitFor();
  const queue = page.getByRole("region", { name: "Queue" });
  const waiting = () => queue.getByRole("listitem").getByRole("link").allTextContents();
  await expect.poll(waiting).toEqual(["second:1", "third:1"]);
  await tab.expectAccessible();
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);

  await queue.getByRole("button", { name: "Move third:1" }).focus();
  await page.keyboard.press("Space");
  await page
    .getByText(/Draggable item .+ was moved over|Picked up draggable item/)
    .waitFor({ state: "attached" });
  await page.keyboard.press("ArrowUp");
  // It stands over itself first.
  const [second] = (await client.jobs.list({ status: "queued" })).items.filter(
    ({ model }) => model === "second",
  );
  await page.getByText(`was moved over droppable area ${second?.id}`).waitFor({ state: "attached" });
  await page.keyboard.press("Space");
  const order = async () =>
    (await client.jobs.list({ status: "queued" })).items
      .toSorted((one, other) => Number(one.position) - Number(other.position))
      .map(({ model }) => model);
  await expect.poll(order).toEqual(["third", "second"]);
  await expect.poll(waiting).toEqual(["third:1", "second:1"]);

  await queue.getByRole("button", { name: "Cancel second:1" }).click();
  await queue.getByRole("button", { name: "Cancel third:1" }).click();
  await page.getByRole("link", { name: "long:1" }).click();
  await page.getByRole("img", { name: "Loss by step" }).waitFor();
  await page.getByText(/step \d+ of 12,000/).waitFor();
  await page.getByRole("button", { name: "Cancel long:1" }).click();
  await page.getByText("cancelled", { exact: true }).waitFor();
  expect(await client.jobs.list({ status: "cancelled" })).toMatchObject({ total: 3 });
  tab.expectClean();
});

test("a dataset of several versions is one choice", async () => {
  const { name, path } = await hub.client.datasets.get("colours");
  const more = await readFile(join(path, "test.jsonl"), "utf8");
  await appendFile(join(path, "train.jsonl"), more);
  await hub.client.datasets.create({ name, path });
  expect((await hub.client.datasets.list()).items.map(({ name }) => name)).toEqual(["colours", "colours"]);
  await using tab = await browser.open(`${hub.url}/#/training/new`);
  await tab.page.getByRole("combobox", { name: "Dataset" }).click();
  await tab.page.getByRole("option", { name: "colours" }).waitFor();
  tab.expectClean();
});
