import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { isFocused, TestBrowser } from "./browser.ts";

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

test("g and a key go to a room; its heading has the focus and the tab its name", async () => {
  await using tab = await browser.open(`${hub.url}/`);
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  for (const [key, room] of [
    ["c", "Chat"],
    ["e", "Experiments"],
    ["m", "Models"],
    ["d", "Datasets"],
    ["t", "Training"],
    ["r", "Traces"],
    ["s", "Serving"],
    [",", "Settings"],
    ["h", "Home"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { level: 1, name: room }).waitFor();
    await page.locator("h1:focus", { hasText: room }).waitFor();
    expect(await page.title()).toBe(`${room} · Hearth`);
  }
  tab.expectClean();
});

test("keys that are typed stay text, and keys with others mean what the browser means", async () => {
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  const search = page.getByLabel("Search", { exact: true });
  await search.waitFor();
  await page.keyboard.press("/");
  expect(await isFocused(search)).toBe(true);
  await page.keyboard.type("gd?/n");
  expect(await search.inputValue()).toBe("gd?/n");
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("Tab");
  await page.keyboard.press("g");
  await page.keyboard.press("Control+d");
  await page.keyboard.press("Alt+n");
  expect(page.url()).toContain("#/models");
  expect(await page.getByRole("dialog").count()).toBe(0);
  // A key of the page itself presses its button.
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await page.getByRole("dialog", { name: "Add a model" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  tab.expectClean();
});

test.each(["light", "dark"] as const)(
  "? shows every shortcut, those of the page too (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/chat`, { colorScheme });
    const { page } = tab;
    await page.getByRole("textbox", { name: "Prompt" }).waitFor();
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await dialog.getByRole("row", { name: "Prompt i" }).waitFor();
    await dialog.getByRole("row", { name: "Settings g then ," }).waitFor();
    await tab.expectAccessible();
    // While it is open no other one works.
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await page.keyboard.press("Control+K");
    expect(await page.getByRole("dialog").count()).toBe(1);
    expect(page.url()).toContain("#/chat");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.keyboard.press("i");
    expect(await isFocused(page.getByRole("textbox", { name: "Prompt" }))).toBe(true);
    tab.expectClean();
  },
);

test("the first key leads past the menu to the content", async () => {
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await isFocused(page.getByRole("button", { name: "Skip to the content" }))).toBe(true);
  await tab.expectAccessible();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await page.locator("main :focus").count()).toBe(1);
  expect(page.url()).toContain("#/models");
  tab.expectClean();
});

test("a phone's menu keeps the focus, closes by Escape and after the choice", async () => {
  await using tab = await browser.open(`${hub.url}/#/models`, { width: 390 });
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
  const menu = page.getByRole("navigation", { name: "Rooms" });
  const button = page.getByRole("button", { name: "Menu" });
  const closed = page.locator("nav[inert]");
  await closed.waitFor({ state: "attached" });
  await button.focus();
  await page.keyboard.press("Enter");
  await menu.locator(":focus").waitFor();
  expect(await button.getAttribute("aria-expanded")).toBe("true");
  await tab.expectAccessible();
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    expect(await menu.locator(":focus").count()).toBe(1);
  }
  await page.keyboard.press("Escape");
  await closed.waitFor({ state: "attached" });
  expect(await isFocused(button)).toBe(true);
  await button.click();
  await menu.getByRole("link", { name: "Datasets" }).click();
  await page.getByRole("heading", { level: 1, name: "Datasets" }).waitFor();
  await closed.waitFor({ state: "attached" });
  expect(
    await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"),
  ).toBeLessThanOrEqual(0);
  tab.expectClean();
});

test("the menu tells the hub's version and leads to what its API can", async () => {
  await using tab = await browser.open(`${hub.url}/`);
  const menu = tab.page.getByRole("navigation", { name: "Rooms" });
  const { version } = await hub.client.health();
  await menu.getByText(`Version ${version}`).waitFor();
  const address = await menu.getByRole("link", { name: "HTTP API" }).getAttribute("href");
  const document = await (await hub.fetch(`/${address ?? "none"}`)).json();
  expect(document).toHaveProperty("openapi");
});
