import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";

let chat: ChatSetup;
beforeAll(async () => {
  chat = await ChatSetup.start();
});
afterAll(() => chat[Symbol.asyncDispose]());

/** Runs before the page's own scripts: writes fail as they do on a full disk, until `window.room` is true. */
const noRoom = `
  window.room = false;
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value) {
    const request = put.call(this, value);
    if (!window.room) request.addEventListener("success", () => this.transaction.abort());
    return request;
  };
  Object.defineProperty(IDBTransaction.prototype, "error", {
    get: () => new DOMException("no room", "QuotaExceededError"),
  });
`;
/** As in a private window or where site data are blocked. */
const blocked = `indexedDB.open = () => { throw new DOMException("denied by the user", "SecurityError"); };`;

async function downloaded(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("without room to keep it, a conversation goes on, is exported, and is kept when there is room", async () => {
  await using tab = await chat.browser.open("about:blank");
  const { page } = tab;
  await page.addInitScript(noRoom);
  await page.goto(chat.with("script/one"));
  await say(page, "remember this");
  await said(page, "You said: remember this").waitFor();
  await figures(page).waitFor();
  await page.getByRole("alert").getByText("The browser has no more room").waitFor();
  await say(page, "and this");
  await said(page, "You said: and this").waitFor();
  await tab.expectAccessible();
  const file = await downloaded(page, () => page.getByRole("button", { name: "Export it" }).click());
  expect(file.name).toBe("remember-this.md");
  expect(file.text).toContain("## script/one\n\nYou said: remember this\n\n## Prompt\n\nand this\n");
  await page.evaluate("window.room = true");
  await page.getByRole("button", { name: "Try to keep it" }).click();
  await page.getByText("This conversation is not kept").waitFor({ state: "detached" });
  const other = await page.context().newPage();
  await other.goto(page.url());
  await said(other, "You said: and this").waitFor();
  tab.expectClean();
});

test("where the browser keeps nothing, one can speak all the same", async () => {
  await using tab = await chat.browser.open("about:blank");
  const { page } = tab;
  await page.addInitScript(blocked);
  await page.goto(chat.with("script/one"));
  await page.getByRole("alert").getByText("denied by the user").waitFor();
  await say(page, "anyway");
  await said(page, "You said: anyway").waitFor();
  await figures(page).waitFor();
  await page.getByRole("button", { name: "anyway", exact: true }).waitFor();
  await page.getByRole("link", { name: "Models", exact: true }).click();
  await page.goBack();
  await said(page, "You said: anyway").waitFor();
  tab.expectClean();
});

test("a conversation is exported as Markdown, and as JSON with every version", async () => {
  await using tab = await chat.browser.open(chat.with("script/one", "script/two"));
  const { page } = tab;
  await say(page, "for the record");
  await figures(page).nth(1).waitFor();
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.getByText("2 / 2").waitFor();
  await figures(page).nth(1).waitFor();
  const as = (name: string) =>
    downloaded(page, async () => {
      await page.getByRole("button", { name: "More about for the record" }).click();
      await page.getByRole("menuitem", { name }).click();
    });
  expect(await as("Export as Markdown")).toEqual({
    name: "for-the-record.md",
    text: "# for the record\n\n## Prompt\n\nfor the record\n\n## script/one\n\nYou said: for the record\n\n## script/two\n\nYou said: for the record\n",
  });
  const json = await as("Export as JSON");
  expect(json.name).toBe("for-the-record.json");
  expect(JSON.parse(json.text)).toMatchObject({ title: "for the record", nodes: [{}, {}, {}] });
  tab.expectClean();
});

test("what one tab changes does not undo what the other changed meanwhile", async () => {
  await using tab = await chat.browser.open("about:blank");
  const { page } = tab;
  // Deaf to the other tab: what it knows is old.
  await page.addInitScript("BroadcastChannel.prototype.addEventListener = () => {}");
  await page.goto(chat.with("script/one"));
  await say(page, "two hands");
  await figures(page).waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("button", { name: "More about two hands" }).click();
  await other.getByRole("menuitem", { name: "Rename" }).click();
  await other.getByLabel("New name").fill("Renamed there");
  await other.keyboard.press("Enter");
  await other.getByRole("button", { name: "Renamed there", exact: true }).waitFor();
  await say(page, "from here");
  await figures(page).nth(1).waitFor();
  await say(other, "from there");
  await said(other, "You said: from there").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Renamed there", exact: true }).waitFor();
  // Whichever was shown to whom: both are versions, none is gone.
  await said(page, "You said: from there").waitFor();
  await said(other, "You said: from there").waitFor();
  const kept = await downloaded(page, async () => {
    await page.getByRole("button", { name: "More about Renamed there" }).click();
    await page.getByRole("menuitem", { name: "Export as JSON" }).click();
  });
  expect(kept.text).toContain("You said: from here");
  expect(kept.text).toContain("You said: from there");
});

test("two tabs do not ask again in the same place", async () => {
  chat.scripted.scripts.set("both", { text: "", refusal: { status: 400, message: "Not like this." } });
  await using tab = await chat.browser.open("about:blank");
  const { page } = tab;
  await page.addInitScript("BroadcastChannel.prototype.addEventListener = () => {}");
  await page.goto(chat.with("script/one"));
  await say(page, "both");
  await page.getByText("Not like this.").waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByText("Not like this.").waitFor();
  chat.scripted.scripts.set("both", { text: "Only once." });
  await other.getByRole("button", { name: "Try again" }).click();
  await said(other, "Only once.").waitFor();
  await figures(other).waitFor();
  const asked = chat.scripted.requests.length;
  await page.getByRole("button", { name: "Try again" }).click();
  await said(page, "Only once.").waitFor();
  expect(chat.scripted.requests.length).toBe(asked);
});
