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
  await loaded.getByText(/^idle · /).waitFor();
  await page.getByText("0 answers under way, 0 waiting").waitFor();
  await page.getByText(/^Memory: .+ GB of .+ GB$/).waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("the machine is shown as the hub reads it, and what it cannot read is said, on a phone in the dark too", async () => {
  await using tab = await browser.open(`${hub.url}/`, { width: 390, colorScheme: "dark" });
  const { page } = tab;
  const card = page.getByRole("heading", { name: "Machine" }).locator("..");
  await card.getByText(/^CPU: \d+ % of \d+ cores$/).waitFor();
  const { now } = await hub.client.machine();
  await card.getByRole("img", { name: /^Busy, by core: (\d+ %(, )?)+$/ }).waitFor();
  await card.getByText(/^Disk: .+ free of .+$/).waitFor();
  await card.getByText(/^Hub's memory: models .+ of .+$/).waitFor();
  for (const [label, measured] of [
    ["GPU", now.gpus !== null],
    ["Temperature", now.cpu_celsius !== null || now.thermal_state !== null],
    ["Swap", now.swap !== null],
  ] as const) {
    const none = card.getByText(`${label}: not measured on this machine`);
    expect(await none.count()).toBe(measured ? 0 : 1);
  }
  const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("answers under way and those that wait are told apart", async () => {
  await using narrow = await TestHub.start({ env: { HEARTH_SLOTS: "1" } });
  await narrow.addTinyModel();
  await using tab = await browser.open(`${narrow.url}/`);
  const { page } = tab;
  await page.getByText("0 answers under way, 0 waiting").waitFor();
  const stop = new AbortController();
  // Each ends when the context is full: enough of them that some wait while the page is looked at.
  const asked = Array.from({ length: 24 }, (_, seed) =>
    narrow
      .fetch("/v1/completions", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "tiny", prompt: "a", max_tokens: 100_000, logit_bias: {}, seed }),
        signal: stop.signal,
      })
      .catch(() => undefined),
  );
  await page.getByText(/^1 answers under way, [1-9]\d* waiting$/).waitFor();
  await page.getByText(/^1 active, [1-9]\d* waiting · /).waitFor();
  stop.abort();
  await Promise.all(asked);
  await page.getByText("0 answers under way, 0 waiting").waitFor();
  tab.expectClean();
});
