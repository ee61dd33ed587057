import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test("the first visit leads to the first answer; afterwards there is what happened", async () => {
  await using tab = await browser.open(`${hub.url}/`);
  const { page } = tab;
  await page.getByRole("heading", { name: "Welcome to Hearth" }).waitFor();
  await tab.expectAccessible();
  await page.getByRole("link", { name: "Chat with ember" }).click();
  expect(page.url()).toContain("#/chat");

  await hub.addTinyModel();
  await hub.client.inference.run({ model_id: "tiny", prompt: "abc", max_tokens: 2 });
  await page.goto(`${hub.url}/#/`);
  const answers = page.getByRole("heading", { name: "Last answers" }).locator("..");
  await answers.getByRole("link", { name: "tiny:1" }).waitFor();
  const loaded = page.getByRole("heading", { name: "Loaded" }).locator("..");
  await loaded.getByText("tiny:1").waitFor();
  expect(await page.getByText("Welcome to Hearth").count()).toBe(0);
  await page.getByText(/^Memory: .+ GB of .+ GB$/).waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});
