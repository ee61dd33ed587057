import { expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

test("from an empty folder to a tuned, promoted, chatted-with model", { timeout: 900_000 }, async () => {
  await using hub = await TestHub.start({ env: { HEARTH_BUNDLED_MODELS: "1" } });
  await expect.poll(async () => (await hub.client.models.list()).total).toBe(1);
  await using browser = await TestBrowser.start();
  await using tab = await browser.open(`${hub.url}/`);
  const { page } = tab;
  await page.getByRole("button", { name: "Train on the example" }).click();
  expect(await page.getByRole("combobox", { name: "Model" }).inputValue()).toBe("my-triage");
  expect(await page.getByRole("combobox", { name: "Dataset" }).inputValue()).toBe("email-triage");
  expect(await page.getByRole("combobox", { name: "Base" }).inputValue()).toBe("ember:1");
  await page.getByRole("button", { name: "Start training" }).click();
  await page.getByRole("heading", { level: 1, name: "my-triage:1" }).waitFor();
  await page.getByRole("link", { name: "Version 1" }).click({ timeout: 600_000 });

  await page.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByRole("option", { name: "email-triage:1" }).click();
  await page.getByRole("button", { name: "Evaluate" }).click();
  await page.getByRole("table", { name: "Confusion matrix" }).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Promote" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Gates" }).fill("accuracy>=0.8");
  await dialog.getByRole("button", { name: "Promote" }).click();
  await dialog.getByText("@champion is version 1 now").waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();

  await page.getByRole("link", { name: "Chat with it" }).click();
  await page.getByLabel("Prompt", { exact: true }).fill("Subject: Invoice 4711 is overdue");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText(/first token after/).waitFor();
  // The answer's own way back: its version, the run that made it, the data of that run.
  const origin = page.getByRole("navigation", { name: "Where this answer comes from" });
  await origin.getByRole("link", { name: "my-triage:1" }).waitFor();
  await origin.getByRole("link", { name: "email-triage" }).waitFor();
  const run = (await hub.client.jobs.list()).items[0]?.run_id ?? "none";
  await expect.poll(() => origin.locator(`a[href$="/runs/${run}"]`).count()).toBe(1);
  tab.expectClean();
});
