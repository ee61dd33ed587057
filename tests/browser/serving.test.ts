import { afterAll, beforeAll, expect, test } from "vitest";
import { enginePid, TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";
import { ScriptedModel } from "./scripted-model.ts";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  await hub.addTinyModel();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test("models are loaded, pinned and unloaded", async () => {
  await using tab = await browser.open(`${hub.url}/#/serving`);
  const { page } = tab;
  await page.getByText("No model is loaded").waitFor();
  await page.getByText("Nothing since the hub was started.").waitFor();
  await page.getByRole("combobox", { name: "Model to load" }).click();
  await page.getByRole("option", { name: "tiny" }).click();
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByRole("button", { name: "pin tiny:1", exact: true }).click();
  await page.getByText("never: pinned").waitFor();
  expect((await hub.client.models.get("tiny")).serving.pinned).toBe(true);
  await tab.expectAccessible();
  await page.getByRole("button", { name: "unload tiny:1" }).click();
  await page.getByText("No model is loaded").waitFor();
  const events = page.getByRole("region", { name: "What happened to engines" });
  await events.getByRole("row", { name: /tiny:1 unloaded somebody asked for it/ }).waitFor();
  await events.getByRole("row", { name: /tiny:1 loaded in [\d.]+ m?s/ }).waitFor();
  tab.expectClean();
});

test("a request is seen while it runs and can be cancelled, on a phone in the dark too", async () => {
  // A model that does not come to an end by itself before somebody cancels it.
  await using model = await ScriptedModel.start();
  model.scripts.set("a", { text: "a beginning", hold: true });
  await using own = await TestHub.start({ env: { LLM_BASE_URL: model.url } });
  await using tab = await browser.open(`${own.url}/#/serving`, { colorScheme: "dark", width: 390 });
  const { page } = tab;
  await page.getByText("Nobody is being answered.").waitFor();
  const body = { model: "default/one", messages: [{ role: "user", content: "a" }] };
  const answer = own.post("/v1/chat/completions", body);
  await page.getByRole("button", { name: "cancel the request to default/one" }).click();
  expect(await (await answer).text()).toContain("cancelled by somebody at the hub");
  await page.getByText("Nobody is being answered.").waitFor();
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("what was answered is counted by model and drawn over time; the window is in the address", async () => {
  await using own = await TestHub.start();
  await own.addTinyModel();
  await using tab = await browser.open(`${own.url}/#/serving?window=5m`);
  const { page } = tab;
  const tile = (label: string) => page.getByRole("group", { name: label, exact: true });
  await tile("Requests").getByText("0", { exact: true }).waitFor();
  await page.getByText("Nothing was asked in this time.").waitFor();
  expect(await tile("First token").textContent()).toContain("–");

  const prompt = "the same beginning, which is long enough to be shared";
  for (const max_tokens of [5, 10, 15])
    await own.client.inference.run({ model_id: "tiny", prompt, max_tokens, temperature: 0 });
  await own.client.inference.run({ model_id: "tiny", prompt: "word ".repeat(3000) }).catch(() => undefined);
  await tile("Requests").getByText("4", { exact: true }).waitFor();
  const { total } = await own.client.serving.statistics("5m");
  await tile("Tokens written").getByText(String(total.completion_tokens), { exact: true }).waitFor();
  await tile("Not answered").getByText("1 failed · 0 refused · 0 cancelled").waitFor();
  await tile("Cache hits")
    .getByText(`${Math.round(100 * (total.cache_hit_share ?? 0))} %`)
    .waitFor();

  const row = page.getByRole("table", { name: "By model" }).getByRole("row", { name: /tiny:1/ });
  const cells = await row.getByRole("cell").allTextContents();
  expect(cells.slice(0, 4)).toEqual([
    "tiny:1",
    "4",
    String(total.prompt_tokens),
    String(total.completion_tokens),
  ]);
  expect(cells[4]).toMatch(/^[\d.]+ m?s \/ [\d.]+ m?s$/);
  expect(cells.slice(9)).toEqual(["1", "0", "loaded"]);
  for (const name of [/Time to the first token/, /Time of a whole answer/, /Tokens written a second/])
    await page.getByRole("img", { name }).locator("canvas").waitFor();

  await page.getByText("24 hours", { exact: true }).click();
  await page.waitForURL(/window=24h/);
  await tile("Requests").getByText("4", { exact: true }).waitFor();
  expect(await page.getByRole("radio", { name: "24 hours" }).isChecked()).toBe(true);
  await tab.expectAccessible();
  await page.goto(`${own.url}/#/serving?window=nonsense`);
  await page.getByRole("radio", { name: "1 hour" }).waitFor({ state: "attached" });
  expect(await page.getByRole("radio", { name: "1 hour" }).isChecked()).toBe(true);
  tab.expectClean();
});

test("an eviction and a crash are told with their reasons, also on a phone; who is gone is loaded again", async () => {
  await using small = await TestHub.start({ env: { HEARTH_MEMORY_LIMIT: "270MB" } });
  await small.addTinyModel("a", 1);
  await small.addTinyModel("b", 2);
  for (const model_id of ["a", "b"])
    await small.client.inference.run({ model_id, prompt: "x", max_tokens: 1 });
  await using tab = await browser.open(`${small.url}/#/serving`, { width: 390 });
  const { page } = tab;
  const events = page.getByRole("table", { name: "What happened to engines" });
  await events.getByRole("row", { name: /a:1 evicted to make room for b:1/ }).waitFor();
  process.kill(await enginePid(small), "SIGKILL");
  await events.getByRole("row", { name: /b:1 crashed .*SIGKILL/ }).waitFor();
  await page.getByRole("button", { name: "load a:1" }).click();
  await page.getByRole("button", { name: "unload a:1" }).waitFor();
  const machine = page.getByRole("region", { name: "Machine" });
  await machine.getByText(/^Hub's memory: models \d+ MB of 270 MB$/).waitFor();
  await page.getByText("In memory: 1 slot in 1 context, of 1 model and 0 adapters.").waitFor();
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});
