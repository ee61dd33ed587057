import { appendFile, chmod } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { formatBytes } from "../../packages/web/src/components/format.ts";
import { TestBrowser } from "./browser.ts";
import { fillModels } from "./many-models.ts";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  await hub.addTinyModel("base");
  const { client } = hub;
  await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  await client.models.create({ name: "tuned", base_model: "base", task_type: "classification" });
  for (const seed of [5, 6]) {
    const job = await client.jobs.create({
      model_id: "tuned",
      dataset_id: "colours",
      lora_rank: 4,
      epochs: 1,
      batch_size: 4,
      seed,
    });
    let status = "";
    for await (const event of client.jobs.events(job.id))
      if (event.type === "status") status = event.job.status;
    expect(status).toBe("completed");
  }
  await client.models.promote("tuned", { version: 1 });
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test.each(["light", "dark"] as const)(
  "from the list to a model to a version and its lineage (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/models`, { colorScheme });
    const { page } = tab;
    const list = page.getByRole("table", { name: "Models" });
    await list.getByRole("link", { name: "base", exact: true }).first().waitFor();
    await tab.expectAccessible();
    await page.getByLabel("Search").fill("tun");
    await list.getByRole("link", { name: "tuned", exact: true }).click();
    await page.getByRole("table", { name: "History" }).getByText("promoted").waitFor();
    await tab.expectAccessible();
    await page.getByRole("table", { name: "Versions" }).getByRole("link", { name: "tuned:1" }).click();
    const lineage = page.getByRole("list", { name: "Lineage" });
    const { lineage: made, sha256 } = await hub.client.models.resolve("tuned:1");
    for (const name of ["colours", "base:1", "tuned:1", "@champion", made.run_id?.slice(0, 8) ?? ""])
      await lineage.getByRole("link", { name }).waitFor();
    await page
      .getByText(sha256 ?? "")
      .first()
      .waitFor();
    await page.getByRole("table", { name: "Recipe" }).getByText("lora").first().waitFor();
    await tab.expectAccessible();
    tab.expectClean();
  },
);

test("a version is evaluated, refused by a gate, promoted, and rolled back", async () => {
  await using tab = await browser.open(`${hub.url}/#/models/tuned/versions/2`);
  const { page } = tab;
  await page.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByRole("option", { name: "colours:1" }).click();
  await page.getByRole("button", { name: "Evaluate" }).click();
  await page.getByRole("table", { name: "Confusion matrix" }).waitFor();
  await page.getByText("accuracy", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Promote" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Gates" }).fill("accuracy>1");
  await dialog.getByRole("button", { name: "Promote" }).click();
  await dialog.getByText("Refused: @champion stays as it was").waitFor();
  await dialog.getByRole("table", { name: "Gates" }).getByText("accuracy>1").first().waitFor();
  await tab.expectAccessible();
  await dialog.getByRole("textbox", { name: "Gates" }).fill("accuracy>=0");
  await dialog.getByRole("button", { name: "Promote" }).click();
  await dialog.getByText("@champion is version 2 now").waitFor();
  await page.goto(`${hub.url}/#/models/tuned`);
  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  await page.getByRole("table", { name: "History" }).getByText("rolled back").waitFor();
  expect((await hub.client.models.get("tuned")).aliases["champion"]).toBe(1);
  tab.expectClean();
});

test("a load is told what it takes first, and a version is loaded, pinned and unloaded", async () => {
  await using tab = await browser.open(`${hub.url}/#/models/base/versions/1`);
  const { page } = tab;
  await page.getByRole("button", { name: /^(Load|Unload)$/ }).waitFor();
  await hub.client.models.unload("base").catch(() => undefined);
  await page.reload();
  await page.getByText("not loaded").waitFor();
  const plan = await hub.client.models.memory("base", 1);
  await page.getByRole("button", { name: "Load", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`base:1 would take ${formatBytes(plan.total_bytes)}`).waitFor();
  await dialog.getByRole("row", { name: `Weights ${formatBytes(plan.weights_bytes)}` }).waitFor();
  await dialog.getByText("are free now").waitFor();
  await tab.expectAccessible();
  expect((await hub.client.health()).engines).toEqual([]);
  await dialog.getByRole("button", { name: "Load it" }).click();
  await page.getByText("weights loaded").waitFor();
  await page.getByRole("region", { name: "Memory" }).getByText("base:1 takes").waitFor();
  await page.getByRole("button", { name: "Pin", exact: true }).click();
  await page.getByRole("button", { name: "Unpin", exact: true }).click();
  await page.getByRole("button", { name: "Pin", exact: true }).waitFor();
  await page.getByRole("button", { name: "Unload", exact: true }).click();
  await page.getByText("not loaded").waitFor();
  expect((await hub.client.health()).engines).toEqual([]);
  tab.expectClean();
});

test("an alias tells its gates on both pages, its history is followed, and it is removed", async () => {
  const { models, evaluations } = hub.client;
  await evaluations.run({ model: "tuned:2", dataset: "colours" });
  await models.promote("tuned", { version: 2, alias: "stable", require: ["accuracy>=0"] });
  await models.promote("tuned", { version: 2, alias: "best", require: ["accuracy>1"] });
  await using tab = await browser.open(`${hub.url}/#/models/tuned/versions/2`);
  const { page } = tab;
  const gates = page.getByRole("group", { name: "Alias stable" }).getByRole("table");
  await gates.getByText("✓ accuracy>=0").waitFor();
  await page.getByRole("table", { name: "Gates that refused best" }).getByText("✗ accuracy>1").waitFor();
  await tab.expectAccessible();
  await page.goto(`${hub.url}/#/models/tuned?alias=stable`);
  const history = page.getByRole("table", { name: "History" });
  await history.getByText(/✓ accuracy>=0/).waitFor();
  expect(await history.getByText("@champion").count()).toBe(0);
  const card = page.getByRole("group", { name: "Alias stable" });
  await card.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove the alias" }).click();
  await history.getByText("alias removed").waitFor();
  await card.waitFor({ state: "detached" });
  expect((await models.get("tuned")).aliases).not.toHaveProperty("stable");
  tab.expectClean();
});

test("the files of a version are verified", async () => {
  const path = await hub.addTinyModel("damaged", 9);
  expect(path).toContain("damaged");
  await using tab = await browser.open(`${hub.url}/#/models/damaged/versions/1`);
  const { page } = tab;
  const files = page.getByRole("region", { name: "Files" });
  await files.getByRole("row", { name: /^model\.gguf \d+ kB/ }).waitFor();
  await files.getByRole("button", { name: "Verify files" }).click();
  await files.getByRole("status").getByText("Every byte of the file is as it was registered").waitFor();
  const { artifact_path: kept } = await hub.client.models.version("damaged", 1);
  await chmod(kept ?? "", 0o600);
  await appendFile(kept ?? "", "!");
  await files.getByRole("button", { name: "Verify files" }).click();
  await files.getByRole("alert").getByText("model.gguf has changed").waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("what is said of a model is edited, and hostile words are only words", async () => {
  await hub.client.models.create({ name: "told", tags: { old: "1" } });
  await using tab = await browser.open(`${hub.url}/#/models/told`, { width: 390, height: 844 });
  const { page } = tab;
  const hostile = `<img src=x onerror="document.title='owned'"> ${"w".repeat(400)}`;
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Description").fill(hostile);
  await dialog.getByRole("button", { name: "Remove tag 1" }).click();
  await dialog.getByRole("button", { name: "Add a tag" }).click();
  await dialog.getByLabel("Name of tag 1").fill("k".repeat(120));
  await dialog.getByLabel("Value of tag 1").fill(hostile);
  await dialog.getByRole("button", { name: "Add a tag" }).click();
  await dialog.getByLabel("Name of tag 2").fill("k".repeat(120));
  await dialog.getByText("This name is there twice.").first().waitFor();
  expect(await dialog.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await dialog.getByLabel("Name of tag 2").fill("team");
  await tab.expectAccessible();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("table", { name: "Tags" }).getByText("<img src=x").waitFor();
  expect(await hub.client.models.get("told")).toMatchObject({
    description: hostile,
    tags: { team: "", ["k".repeat(120)]: hostile },
  });
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  expect(await page.title()).toContain("told");
  await tab.expectAccessible();
  tab.expectClean();
});

test("adapters stand under their base, which is folded; the address keeps it", async () => {
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  const list = page.getByRole("table", { name: "Models" });
  const tuned = list.getByRole("link", { name: "tuned", exact: true });
  await tuned.waitFor();
  await list.getByRole("button", { name: "Hide 1 adapter of base" }).click();
  await tuned.waitFor({ state: "detached" });
  await page.reload();
  await list.getByRole("button", { name: "Show 1 adapter of base" }).waitFor();
  expect(await tuned.count()).toBe(0);
  await page.getByLabel("Search").fill("TUNED");
  await tuned.waitFor();
  await list.getByText("not in this list itself").waitFor();
  await page.getByLabel("Search").fill("nothing like it");
  await page.getByText("No model has this").waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("a thousand models are listed by pages and found, on a phone too", async () => {
  await using many = await TestHub.start();
  fillModels(many.home, 1100);
  await using tab = await browser.open(`${many.url}/#/models`, { width: 390, height: 844 });
  const { page } = tab;
  const list = page.getByRole("table", { name: "Models" });
  await page.getByText("1,100 models").waitFor();
  await list.getByRole("button", { name: "Show 100 adapters of model-0000" }).waitFor();
  await tab.expectAccessible();
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  await page.getByRole("button", { name: "Page 10" }).click();
  await list.getByRole("link", { name: "model-0999" }).waitFor();
  await page.getByLabel("Search").fill("adapter-1042");
  await list.getByRole("link", { name: "adapter-1042" }).waitFor();
  await page.getByText("1 model", { exact: true }).waitFor();
  tab.expectClean();
});

test("how a model is served is kept, and a refusal stands where it belongs", async () => {
  await using tab = await browser.open(`${hub.url}/#/models/base`);
  const { page } = tab;
  const keepAlive = page.getByLabel("Keep alive");
  await keepAlive.fill("soon");
  await page.getByLabel("Slots").fill("3");
  await page.getByRole("button", { name: "Save serving" }).click();
  await page.getByText(/serving\.keep_alive/).waitFor();
  await keepAlive.fill("5m");
  await page.getByRole("button", { name: "Save serving" }).click();
  await expect
    .poll(async () => (await hub.client.models.get("base")).serving)
    .toMatchObject({ slots: 3, keep_alive: "5m" });
});

test("an empty model is made and deleted", async () => {
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  await page.getByRole("button", { name: "Add a model" }).click();
  await page.getByLabel("Name").fill("empty");
  await page.getByLabel("Base model").fill("base");
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("No version yet").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete the model" }).click();
  await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
  await expect
    .poll(async () => (await hub.client.models.list()).items.map(({ name }) => name))
    .not.toContain("empty");
  tab.expectClean();
});
