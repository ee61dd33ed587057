import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../packages/hub/src/storage/database.ts";
import { JobQueue } from "../../packages/hub/src/training/queue.ts";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([
    TestHub.start({ env: { HEARTH_TRAINING_RETRIES: "5", HEARTH_TRAINING_COOLDOWN: "off" } }),
    TestBrowser.start(),
  ]);
  await hub.addTinyModel("base");
  await hub.client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test(
  "jobs and the queue are paused and resumed, and get another priority",
  { timeout: 180_000 },
  async () => {
    const { client } = hub;
    for (const name of ["long", "second", "third"]) {
      await client.models.create({ name, base_model: "base", task_type: "chat" });
      await client.jobs.create({ model_id: name, dataset_id: "colours", epochs: 1000, batch_size: 1 });
    }
    await using tab = await browser.open(`${hub.url}/#/training`);
    const { page } = tab;
    const running = page.getByRole("region", { name: "Running" });
    await running.getByText(/step \d+ of 12,000 · loss/).waitFor();
    const queue = page.getByRole("region", { name: "Queue" });
    const waiting = () => queue.getByRole("listitem").getByRole("link").allTextContents();
    await expect.poll(waiting).toEqual(["second:1", "third:1"]);
    await queue.getByLabel("Priority of third:1").selectOption({ label: "high" });
    await expect.poll(waiting).toEqual(["third:1", "second:1"]);

    await running.getByRole("button", { name: "Pause long:1" }).click();
    const paused = page.getByRole("region", { name: "Paused" });
    await paused.getByText(/paused at step [\d,]+ of 12,000/).waitFor({ timeout: 60_000 });
    await running.getByRole("link", { name: "third:1" }).waitFor({ timeout: 60_000 });
    await tab.expectAccessible();

    await page.getByRole("button", { name: "Pause the queue" }).click();
    await page.getByText("The queue is paused").waitFor();
    await expect.poll(waiting, { timeout: 60_000 }).toEqual(["third:1", "second:1"]);
    expect(await running.count()).toBe(0);
    await tab.expectAccessible();
    await page.getByRole("button", { name: "Resume the queue" }).click();
    await running.getByRole("link", { name: "third:1" }).waitFor({ timeout: 60_000 });
    await paused.getByRole("button", { name: "Resume long:1" }).click();
    // Its place is before that of the second one: it came earlier.
    await expect.poll(waiting).toEqual(["long:1", "second:1"]);
    await queue.getByText(/^lora on colours, goes on after step [\d,]+ of 12,000$/).waitFor();
    for (const { id, finished_at } of (await client.jobs.list()).items)
      if (finished_at === null) await client.jobs.cancel(id);
    tab.expectClean();
  },
);

test(
  "a job from the form has the priority that was chosen there, also after the page was loaded anew",
  { timeout: 120_000 },
  async () => {
    const { client } = hub;
    await client.jobs.pauseQueue();
    await client.models.create({ name: "waits", base_model: "base", task_type: "chat" });
    await client.jobs.create({ model_id: "waits", dataset_id: "colours" });
    await using tab = await browser.open(`${hub.url}/#/training?dataset=colours&base=base`);
    const { page } = tab;
    await page.getByRole("combobox", { name: "Model" }).fill("urgent");
    await page.getByRole("button", { name: "More settings" }).click();
    const priority = page.getByRole("combobox", { name: "Priority in the queue" });
    expect(await priority.inputValue()).toBe("normal");
    await priority.click();
    await page.getByRole("option", { name: "high", exact: true }).click();
    await tab.expectAccessible();
    await page.reload();
    await page.getByRole("button", { name: "More settings" }).click();
    expect(await priority.inputValue()).toBe("high");
    await page.getByRole("button", { name: "Start training" }).click();
    await page.getByRole("heading", { level: 1, name: "urgent:1" }).waitFor();

    await page.goto(`${hub.url}/#/training`);
    const queue = page.getByRole("region", { name: "Queue" });
    const waiting = () => queue.getByRole("listitem").getByRole("link").allTextContents();
    await expect.poll(waiting).toEqual(["urgent:1", "waits:1"]);
    expect(await queue.getByLabel("Priority of urgent:1").inputValue()).toBe("10");
    for (const { id, finished_at } of (await client.jobs.list()).items)
      if (finished_at === null) await client.jobs.cancel(id);
    await client.jobs.resumeQueue();
    tab.expectClean();
  },
);

test(
  "what guards did is shown with the job, and what is set on the settings' page",
  { timeout: 120_000 },
  async () => {
    const { client } = hub;
    await client.models.create({ name: "guarded", base_model: "base", task_type: "chat" });
    const { id } = await client.jobs.create({ model_id: "guarded", dataset_id: "colours", epochs: 1000 });
    await client.jobs.pauseQueue();
    await using tab = await browser.open(`${hub.url}/#/training/jobs/${id}`);
    const { page } = tab;
    await page.getByRole("heading", { level: 1, name: /guarded:/ }).waitFor();
    await page.getByRole("button", { name: /^Pause guarded:/ }).click();
    await page.getByRole("button", { name: /^Resume guarded:/ }).waitFor({ timeout: 60_000 });
    const guards = page.getByRole("region", { name: "Guards that acted" });
    expect(await guards.count()).toBe(0);
    {
      // As a trainer's message is written down: a real one cannot be made to diverge at a wish.
      await using database = await openDatabase({ kind: "sqlite", path: join(hub.home, "hearth.db") });
      await new JobQueue(database).addGuard(id, {
        kind: "not_finite",
        action: "went_back",
        step: 13,
        message: "the loss is NaN; back to step 10",
        at: new Date().toISOString(),
      });
    }
    await client.jobs.cancel(id);
    await guards
      .getByText("Loss or gradients were no numbers, step 13: went back at half the rate")
      .waitFor();
    await guards.getByText("the loss is NaN; back to step 10").waitFor();
    await tab.expectAccessible();
    await client.jobs.resumeQueue();

    await page.goto(`${hub.url}/#/settings`);
    const row = (name: string) => page.getByRole("row", { name, exact: true });
    await row("A job that was lost is tried again 5 times HEARTH_TRAINING_RETRIES").waitFor();
    await row(
      "While people wait for answers, jobs compute a quarter of the time HEARTH_TRAINING_YIELD",
    ).waitFor();
    await row("Jobs wait for the machine to cool above never HEARTH_TRAINING_COOLDOWN").waitFor();
    tab.expectClean();
  },
);
