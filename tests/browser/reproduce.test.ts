import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

const row = (prompt: string, completion: string) => JSON.stringify({ prompt, completion });
const first = ["apple", "leaf", "sky", "brick"].map((thing) => row(`${thing}?`, "red"));
const second = [row("sky?", "blue"), row("coal?", "black"), first[0] ?? "", first[3] ?? ""];

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  const { datasets, models, jobs } = hub.client;
  await hub.addTinyModel("base");
  await models.create({ name: "tuned", base_model: "base", task_type: "chat" });
  for (const [index, rows] of [first, second].entries()) {
    const folder = join(hub.home, `data-${index}`);
    await mkdir(folder);
    await writeFile(join(folder, "train.jsonl"), `${rows.join("\n")}\n`);
    const { id } = await datasets.create({ name: "things", path: folder });
    const sample_prompts = ["apple?"];
    const recipe = { lora_rank: 4 + 4 * index, learning_rate: 0.01 + 0.04 * index, epochs: 4 };
    const job = await jobs.create({
      model_id: "tuned",
      dataset_id: id,
      batch_size: 2,
      sample_prompts,
      ...recipe,
    });
    for await (const event of jobs.events(job.id))
      if (event.type === "status" && event.job.error !== null) throw new Error(event.job.error.message);
  }
}, 300_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test(
  "a version says what it was made with, is reproduced, and a difference is explained",
  { timeout: 300_000 },
  async () => {
    const { lineage } = await hub.client.models.version("tuned", 1);
    await using tab = await browser.open(`${hub.url}/#/models/tuned/versions/1`);
    const { page } = tab;
    const made = page.getByRole("table", { name: "Made from and with" });
    await made
      .getByRole("row", { name: `dataset, train 4 rows, ${lineage.dataset?.splits.train?.sha256}` })
      .waitFor();
    await made.getByRole("row", { name: "seed of lora init 0" }).waitFor();
    await made.getByRole("cell", { name: new RegExp(`, ${lineage.hardware?.cores} cores$`) }).waitFor();
    await page.getByText("It was not trained again yet.").waitFor();
    await tab.expectAccessible();

    await page.getByRole("button", { name: "Reproduce" }).click();
    const report = page.getByRole("region", { name: "Reproduction" });
    await report.getByText("Identical: the same bytes as the version's.").waitFor({ timeout: 120_000 });
    await report.getByRole("row", { name: /^adapter\.gguf [0-9a-f]{16} the same$/ }).waitFor();
    await report.getByRole("row", { name: "loss equal at all 8 recorded steps" }).waitFor();
    await tab.expectAccessible();

    // Somebody changes what is stored behind the hub's back.
    const database = new BetterSqlite3(join(hub.home, "hearth.db"));
    const { changes } = database
      .prepare(`update jobs set specification = replace(specification, '"seed":0', '"seed":1') where id = ?`)
      .run(lineage.job_id);
    database.close();
    expect(changes).toBe(1);
    await page.goBack();
    await page.getByRole("listitem").filter({ hasText: "identical" }).waitFor();
    await page.getByRole("button", { name: "Reproduce" }).click();
    await report
      .getByText("Not identical: other bytes came out than the version's.")
      .waitFor({ timeout: 120_000 });
    await report
      .getByRole("region", { name: "First difference" })
      .getByText(/^adapter\.gguf, tensor .+\.lora_a\[\d+, \d+\]: -?[\d.e-]+ → -?[\d.e-]+$/)
      .waitFor();
    const [cause] = await report
      .getByRole("region", { name: "Likely causes" })
      .getByRole("listitem")
      .allTextContents();
    expect(cause).toMatch(/^Certain: the stored specification is not the recipe.*seed 0 → 1$/);
    await report.getByRole("row", { name: "recipe.seed 0 1" }).waitFor();
    await tab.expectAccessible();

    await page.goto(`${hub.url}/#/models/tuned/versions/1`);
    const list = page.getByRole("list", { name: "Reproductions" });
    const outcomes = list.getByRole("listitem");
    await outcomes.nth(1).waitFor();
    expect(await outcomes.nth(0).textContent()).toContain("not identical");
    expect(await outcomes.nth(0).textContent()).toContain("the stored specification is not the recipe");
    await outcomes.nth(0).getByRole("link").click();
    await report.getByText("Not identical: other bytes came out than the version's.").waitFor();
    tab.expectClean();
  },
);

test(
  "two versions beside each other say what changed in their data and answers",
  { timeout: 120_000 },
  async () => {
    await using tab = await browser.open(`${hub.url}/#/compare-versions?of=tuned:1&of=tuned:2`);
    const { page } = tab;
    const split = "4 rows, [0-9a-f]{64}";
    await page
      .getByRole("table", { name: "Made from" })
      .getByRole("row", { name: new RegExp(`^dataset, train ${split} ${split}$`) })
      .waitFor();
    const changes = page.getByRole("region", { name: "What changed" });
    await changes
      .getByText("train: 4 → 4 rows: 1 added, 1 removed, 1 with another answer, 2 the same")
      .waitFor();
    const rows = changes.getByRole("list", { name: "Changed rows of train" }).getByRole("listitem");
    expect(await rows.allTextContents()).toEqual([
      'changed, 3 → 1{"prompt":"sky?","completion":"red"} → {"prompt":"sky?","completion":"blue"}',
      'added, row 2{"prompt":"coal?","completion":"black"}',
      'removed, row 2{"prompt":"leaf?","completion":"red"}',
    ]);
    await changes.getByRole("heading", { name: "Sampled answers" }).waitFor();
    // What the tables above tell is not told again.
    expect(await changes.getByRole("heading", { level: 3 }).allTextContents()).toEqual([
      "Data",
      "Sampled answers",
    ]);
    await changes.getByText(/^prompts asked at the end of both trainings: [01] of 1 differ\.$/).waitFor();
    await tab.expectAccessible();
    tab.expectClean();
  },
);
