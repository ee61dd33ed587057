import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

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

test("a version is loaded and unloaded", async () => {
  await using tab = await browser.open(`${hub.url}/#/models/base/versions/1`);
  const { page } = tab;
  await page.getByRole("button", { name: /^(Load|Unload)$/ }).waitFor();
  await hub.client.models.unload("base").catch(() => undefined);
  await page.reload();
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByRole("button", { name: "Unload", exact: true }).click();
  await page.getByText("not loaded").waitFor();
  expect((await hub.client.health()).engines).toEqual([]);
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
