import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  const { datasets, models, jobs } = hub.client;
  await hub.addTinyModel("base");
  await models.create({ name: "tuned", base_model: "base", task_type: "chat" });
  await datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  const { id } = await jobs.create({ model_id: "tuned", dataset_id: "colours", epochs: 1 });
  for await (const event of jobs.events(id))
    if (event.type === "status" && event.job.error !== null) throw new Error(event.job.error.message);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test("an adapter that has a copy for GGUF is given to a base there, which has to answer alike", async () => {
  const { models } = hub.client;
  await using tab = await browser.open(`${hub.url}/#/models/tuned/versions/1`);
  const { page } = tab;
  const open = page.getByRole("button", { name: "Export to GGUF" });
  await page.getByRole("button", { name: "Reproduce" }).waitFor();
  expect(await open.count()).toBe(0);

  // As mlx-lm, which does not run everywhere, leaves a version: with prompts to know the base by.
  const { id, artifact_path: path, checksums } = await models.version("tuned", 1);
  const probes = [{ promptTokens: [1, 2, 3], expectedTokens: [1_000_000] }];
  await writeFile(join(dirname(path ?? ""), "probes.json"), JSON.stringify(probes));
  const database = new BetterSqlite3(join(hub.home, "hearth.db"));
  const { changes } = database
    .prepare("update model_versions set checksums = ? where id = ?")
    .run(JSON.stringify({ ...checksums, "probes.json": "0".repeat(64) }), id);
  database.close();
  expect(changes).toBe(1);
  await page.reload();
  await open.click();
  const dialog = page.getByRole("dialog", { name: "Export tuned:1 to GGUF" });
  const submit = dialog.getByRole("button", { name: "Export", exact: true });
  expect(await submit.isDisabled()).toBe(true);
  const base = dialog.getByRole("combobox", { name: "The same base in GGUF" });
  await base.fill("base");
  await tab.expectAccessible();
  await page.getByRole("option", { name: "base", exact: true }).click();
  await submit.click();
  await dialog.getByRole("alert").getByText("base:1 begins 0 of 1 answers as the trainer did").waitFor();
  expect((await models.versions("tuned")).total).toBe(1);
  tab.problems.length = 0; // Chromium logs the refusal, as it was meant

  // No model gives that token, so another answer stands for that of one that does.
  const made = await models.version("base", 1);
  await page.route("**/models/tuned/versions/1/gguf-twin", (route) =>
    route.request().postData() === '{"base":"base:1"}'
      ? route.fulfill({ status: 201, json: made })
      : route.abort(),
  );
  await base.fill("base:1");
  await submit.click();
  await page.getByRole("heading", { level: 1, name: "base:1" }).waitFor();
  await dialog.waitFor({ state: "detached" });
  tab.expectClean();
});
