import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatSeconds } from "../../packages/web/src/components/format.ts";
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
  // What would compute it, why, and what could not.
  await estimate.getByRole("row", { name: "Trainer onnx", exact: true }).waitFor();
  await estimate.getByText(/the recipe 'lora' on base:1 here .*; not mlx: it does not read/).waitFor();
  await page.getByRole("button", { name: "More settings" }).click();
  await page.getByRole("combobox", { name: "Trainer" }).click();
  const absent = page.getByRole("option", { name: /^mlx: not here \(.*hearth mlx install/ });
  expect(await absent.getAttribute("data-combobox-disabled")).toBe("true");
  await page.getByRole("option", { name: /^onnx: / }).click();
  await estimate.getByText("onnx: 'onnx' was asked for").waitFor();
  await estimate
    .getByText(/^about \d+ MB$/)
    .first()
    .waitFor();
  await estimate.getByText(/^the trainer itself \d+ MB, base /).waitFor();
  await estimate.getByText("test: 6 rows and 6 prompts are in the train split too").waitFor();
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
  // Two lines in one chart are named.
  await page.getByRole("listitem").filter({ hasText: "validation loss" }).waitFor();
  const job = (await hub.client.jobs.list()).items[0];
  await page.getByText(job?.adapter_sha256 ?? "none").waitFor();
  await page.getByRole("row", { name: "Trainer onnx: 'onnx' was asked for" }).waitFor();
  await page
    .getByRole("log")
    .getByText(/Training: 12 rows/)
    .waitFor();
  // What it said meanwhile to three rows of the validation split.
  const samples = page.getByRole("region", { name: "Samples" });
  const apple = samples.getByRole("article", { name: "Sample 1" });
  await apple.getByText("apple?").waitFor();
  await apple.getByText("Expected red").waitFor();
  await apple.getByRole("listitem").filter({ hasText: "before the first step" }).waitFor();
  expect(await samples.getByRole("article").count()).toBe(3);
  await tab.expectAccessible();

  await page.getByRole("link", { name: "Train again with these settings" }).click();
  await estimate.getByText(/^as tuned:1 measured: \d+ tokens\/s$/).waitFor();
  // The time is that of as many tokens at the speed that was measured.
  const { metrics } = await hub.client.models.version("tuned", 1);
  const { trained_tokens = NaN, tokens_per_second = NaN } = metrics;
  const time = `about ${formatSeconds(trained_tokens / tokens_per_second)}`;
  await estimate.getByRole("row", { name: `Time ${time}`, exact: true }).waitFor();
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
  await using tab = await browser.open(`${hub.url}/#/training`, {
    width: 390,
    height: 900,
    colorScheme: "dark",
  });
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

  const queued = (await client.jobs.list({ status: "queued" })).items;
  const [second, third] = ["second", "third"].map((name) => queued.find(({ model }) => model === name));
  await queue.getByRole("button", { name: "Move third:1" }).focus();
  await page.keyboard.press("Space");
  // It stands over itself first.
  await page.getByText(`was moved over droppable area ${third?.id}`).waitFor({ state: "attached" });
  await page.keyboard.press("ArrowUp");
  await page.getByText(`was moved over droppable area ${second?.id}`).waitFor({ state: "attached" });
  await page.keyboard.press("Space");
  const order = async () =>
    (await client.jobs.list({ status: "queued" })).items
      .toSorted((one, other) => Number(one.position) - Number(other.position))
      .map(({ model }) => model);
  await expect.poll(order).toEqual(["third", "second"]);
  await expect.poll(waiting).toEqual(["third:1", "second:1"]);

  // By finger: the handle is large enough for one, and the page does not scroll away under it.
  const finger = await page.context().newCDPSession(page);
  const handle = async (name: string) => {
    const box = await queue.getByRole("button", { name: `Move ${name}` }).boundingBox();
    if (box === null) throw new Error(`no handle of ${name}`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width, height: box.height };
  };
  const [upper, lower] = [await handle("third:1"), await handle("second:1")];
  expect(Math.min(upper.width, upper.height)).toBeGreaterThanOrEqual(44);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", y: number) =>
    finger.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: upper.x, y }],
    });
  await touch("touchStart", upper.y);
  for (let part = 1; part <= 5; part++)
    await touch("touchMove", upper.y + ((lower.y - upper.y + 10) * part) / 5);
  await page.getByText(`was moved over droppable area ${second?.id}`).waitFor({ state: "attached" });
  await touch("touchEnd", 0);
  await expect.poll(order).toEqual(["second", "third"]);
  await expect.poll(waiting).toEqual(["second:1", "third:1"]);

  // By mouse, back again.
  await page.setViewportSize({ width: 1280, height: 900 });
  const [first, last] = [await handle("second:1"), await handle("third:1")];
  expect(last.height).toBeLessThan(44);
  await page.mouse.move(last.x, last.y);
  await page.mouse.down();
  await page.mouse.move(first.x, last.y - 5);
  await page.mouse.move(first.x, first.y - 5, { steps: 5 });
  await page.mouse.up();
  await expect.poll(order).toEqual(["third", "second"]);
  await expect.poll(waiting).toEqual(["third:1", "second:1"]);
  // A click on the handle alone moves nothing.
  await queue.getByRole("button", { name: "Move second:1" }).click();
  expect(await order()).toEqual(["third", "second"]);
  await page.setViewportSize({ width: 390, height: 900 });

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

test("what the model says is seen as it learns, to prompts of one's own", { timeout: 120_000 }, async () => {
  const { client } = hub;
  await client.models.create({ name: "asked", base_model: "base", task_type: "chat" });
  await using tab = await browser.open(`${hub.url}/#/training/new?dataset=colours&base=base&model=asked`, {
    colorScheme: "dark",
  });
  const { page } = tab;
  await page.getByLabel("Epochs").fill("1000");
  await page.getByLabel("Batch size").fill("1");
  await page.getByRole("button", { name: "More settings" }).click();
  await page.getByLabel("Sample every (steps)").fill("60");
  await page.getByLabel("Sample prompts").fill("sky?\n<b>moss</b> & sea?\n");
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Start training" }).click();
  await page.waitForURL(/#\/training\/jobs\//);
  const second = page.getByRole("article", { name: "Sample 2" });
  await second.getByText("<b>moss</b> & sea?").waitFor();
  expect(await second.getByText("Expected").count()).toBe(0);
  // Further ones appear by themselves, the newest on top.
  const first = page.getByRole("article", { name: "Sample 1" }).getByRole("listitem");
  await expect.poll(() => first.count()).toBeGreaterThanOrEqual(3);
  const steps = (await first.allTextContents()).map((text) =>
    Number(/^after step ([\d,]+)/.exec(text)?.[1]?.replace(",", "") ?? 0),
  );
  expect(steps).toEqual(steps.toSorted((one, other) => other - one));
  expect(steps.at(-1)).toBe(0);
  await page.getByRole("button", { name: "Cancel asked:1" }).click();
  await page.getByText("cancelled", { exact: true }).waitFor();

  // All of it is in the form again.
  await page.getByRole("link", { name: "Train again with these settings" }).click();
  await page.getByRole("button", { name: "More settings" }).click();
  expect(await page.getByLabel("Sample prompts").inputValue()).toBe("sky?\n<b>moss</b> & sea?");
  expect(await page.getByLabel("Sample every (steps)").inputValue()).toBe("60");
  tab.expectClean();
});

test("a log of 100,000 lines: searched, followed, copied, downloaded", { timeout: 120_000 }, async () => {
  const [job] = (await hub.client.jobs.list({ status: "completed" })).items;
  if (job === undefined) throw new Error("no job has completed");
  const said = Array.from({ length: 100_000 }, (_, index) => `line ${index + 1}`);
  said[49_999] = "line 50000 says NEEDLE (and <b>more</b>)";
  said[69_999] = "line 70000 says needle";
  await writeFile(join(hub.home, "logs", `job-${job.id}.log`), `${said.join("\n")}\n`);
  await using tab = await browser.open(`${hub.url}/#/training/jobs/${job.id}`, { colorScheme: "dark" });
  const { page } = tab;
  const log = page.getByRole("log");
  await page.getByText("100,000 lines").waitFor();
  // The end is in view, and few of the lines are drawn.
  await log.getByText("line 100000", { exact: true }).waitFor();
  expect(await log.locator("code").count()).toBeLessThan(100);
  const follow = page.getByRole("switch", { name: "Follow" });
  expect(await follow.isChecked()).toBe(true);

  await page.getByRole("searchbox", { name: "Search in the log" }).fill("needle");
  await page.getByText("1 of 2").waitFor();
  await log.getByText(said[49_999] ?? "").waitFor();
  expect(await log.locator("[aria-current]").textContent()).toBe(said[49_999]);
  expect(await follow.isChecked()).toBe(false);
  await page.keyboard.press("Enter");
  await page.getByText("2 of 2").waitFor();
  await log.getByText("line 70000 says needle").waitFor();
  await page.getByRole("button", { name: "Previous line found" }).click();
  await page.getByText("1 of 2").waitFor();
  await tab.expectAccessible();
  await page.getByRole("searchbox", { name: "Search in the log" }).fill("haystack");
  await page.getByText("no line", { exact: true }).waitFor();

  await follow.check({ force: true });
  await log.getByText("line 100000", { exact: true }).waitFor();
  // Who scrolls up is reading.
  await log.hover();
  await page.mouse.wheel(0, -2_000);
  await expect.poll(() => follow.isChecked()).toBe(false);

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download the log" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe(`${job.model}-${job.version}.log`);
  expect(await readFile(await file.path(), "utf8")).toBe(`${said.join("\n")}\n`);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy the log" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect((await page.evaluate<string>("navigator.clipboard.readText()")).length).toBe(
    said.join("\n").length + 1,
  );
  tab.expectClean();
});
