import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

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

test("models are seen loaded, pinned and unloaded", async () => {
  await using tab = await browser.open(`${hub.url}/#/serving`);
  const { page } = tab;
  await page.getByText("No model is loaded").waitFor();
  await hub.client.models.load("tiny");
  await page.getByRole("button", { name: "pin tiny:1", exact: true }).click();
  await page.getByText("never: pinned").waitFor();
  expect((await hub.client.models.get("tiny")).serving.pinned).toBe(true);
  await tab.expectAccessible();
  await page.getByRole("button", { name: "unload tiny:1" }).click();
  await page.getByText("No model is loaded").waitFor();
  tab.expectClean();
});

test("a request is seen while it runs and can be cancelled, on a phone in the dark too", async () => {
  await using tab = await browser.open(`${hub.url}/#/serving`, { colorScheme: "dark", width: 390 });
  const { page } = tab;
  await page.getByText("Nobody is being answered.").waitFor();
  const body = { model: "tiny", prompt: "a", max_tokens: 100_000 };
  const answer = hub.post("/v1/completions", body);
  await page.getByRole("button", { name: "cancel the request to tiny:1" }).click();
  expect(await (await answer).text()).toContain("cancelled by somebody at the hub");
  await page.getByText("Nobody is being answered.").waitFor();
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});
