import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";

let chat: ChatSetup;
beforeAll(async () => {
  chat = await ChatSetup.start();
});
afterAll(() => chat[Symbol.asyncDispose]());

async function downloaded(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

const more = async (page: Page, title: string, item: string) => {
  await page.getByRole("button", { name: `More about ${title}` }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

test("a conversation is there in every browser, and named by its model", async () => {
  chat.scripted.titles.set("what is a lighthouse", "Towers that shine by night");
  await using tab = await chat.browser.open(chat.with("script/one"));
  await say(tab.page, "what is a lighthouse");
  await figures(tab.page).waitFor();
  await using other = await chat.browser.open(`${chat.hub.url}/#/chat`);
  await other.page.getByRole("button", { name: "Towers that shine by night", exact: true }).click();
  await said(other.page, "You said: what is a lighthouse").waitFor();
  await figures(other.page).waitFor();
  // Who answered there answers here.
  await say(other.page, "go on");
  await said(other.page, "You said: go on").waitFor();
  expect(chat.scripted.requests.at(-1)?.map(({ content }) => content)).toEqual([
    "what is a lighthouse",
    "You said: what is a lighthouse",
    "go on",
  ]);
  tab.expectClean();
  other.expectClean();
});

test("an answer that is being written is seen elsewhere, and stopped from there", async () => {
  chat.scripted.scripts.set("from afar", { text: "It begins", hold: true });
  await using tab = await chat.browser.open(chat.with("script/one"));
  await say(tab.page, "from afar");
  await said(tab.page, "It begins").waitFor();
  await using other = await chat.browser.open(tab.page.url());
  await said(other.page, "It begins").waitFor();
  await other.page.getByText("being written elsewhere").waitFor();
  await other.page.getByRole("button", { name: "Stop" }).click();
  await other.page.getByText("stopped", { exact: true }).waitFor();
  await tab.page.getByText("stopped", { exact: true }).waitFor();
  tab.expectClean();
  other.expectClean();
});

test("an answer goes on while another page is looked at", async () => {
  chat.scripted.scripts.set("meanwhile", { text: "Still here", hold: true });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "meanwhile");
  await said(page, "Still here").waitFor();
  const { left } = chat.scripted;
  await page.getByRole("link", { name: "Models", exact: true }).click();
  await page.getByRole("heading", { name: "Models", exact: true }).waitFor();
  await page.goBack();
  await said(page, "Still here").waitFor();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  expect(chat.scripted.left).toBe(left);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("stopped", { exact: true }).waitFor();
  tab.expectClean();
});

test("after a reload what came of an answer is there, and it is gone on with", async () => {
  chat.scripted.scripts.set("long story", { text: "Once upon a time", hold: true });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "long story");
  await said(page, "Once upon a time").waitFor();
  await page.reload();
  await said(page, "Once upon a time").waitFor();
  await page.getByText("stopped", { exact: true }).waitFor();
  chat.scripted.scripts.set("long story", { text: ", the end." });
  await page.getByRole("button", { name: "Go on" }).click();
  await said(page, ", the end.").waitFor();
  await said(page, "Once upon a time").waitFor();
  await figures(page).waitFor();
  expect(chat.scripted.requests.at(-1)?.at(-1)).toEqual({ role: "assistant", content: "Once upon a time" });
  expect(await page.getByRole("article").count()).toBe(1);
  tab.expectClean();
});

test("conversations are found by what was said, put away, and exported with every version", async () => {
  await using tab = await chat.browser.open(chat.with("script/one", "script/two"));
  const { page } = tab;
  chat.scripted.scripts.set("for the record", { text: "A word like marzipan." });
  await say(page, "for the record");
  await figures(page).nth(1).waitFor();
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.getByText("2 / 2").waitFor();
  await figures(page).nth(1).waitFor();
  const field = page.getByLabel("Search the conversations");
  await field.fill("marzipan");
  await page.getByRole("button", { name: "for the record", exact: true }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: /^More about/ }).count()).toBe(1);
  const markdown = await downloaded(page, () => more(page, "for the record", "Export as Markdown"));
  expect(markdown.name).toBe("for-the-record.md");
  expect(markdown.text).toContain("# for the record");
  expect(markdown.text).toContain("A word like marzipan.");
  const json = await downloaded(page, () => more(page, "for the record", "Export as JSON"));
  expect(json.name).toBe("for-the-record.json");
  const kept: unknown = JSON.parse(json.text);
  expect(kept).toMatchObject({ title: "for the record", models: ["script/one", "script/two"] });
  expect(kept).toHaveProperty("messages.length", 5);
  await more(page, "for the record", "Archive");
  await page.getByText("Nothing was found in titles and in what was said.").waitFor();
  await page.getByLabel("Archived ones").click();
  await more(page, "for the record", "Take out of the archive");
  await page.getByText("Nothing was found in titles and in what was said.").waitFor();
  await page.getByLabel("Archived ones").click();
  await page.getByRole("button", { name: "for the record", exact: true }).waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("what two tabs ask at once is kept as versions", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "two hands");
  await figures(page).waitFor();
  await using another = await chat.browser.open("about:blank");
  const other = another.page;
  // What it knows stays as it was first.
  let old = "";
  await other.route("**/api/chat/sessions/*", async (route) => {
    if (route.request().method() !== "GET") return await route.continue();
    if (old === "") old = await (await route.fetch()).text();
    return await route.fulfill({ contentType: "application/json", body: old });
  });
  await other.goto(page.url());
  await figures(other).waitFor();
  await say(page, "from here");
  await figures(page).nth(1).waitFor();
  await say(other, "from there");
  await said(other, "You said: from there").waitFor();
  await other.unroute("**/api/chat/sessions/*");
  await page.getByText("1 / 2").waitFor();
  await said(page, "You said: from here").waitFor();
  await page.getByRole("button", { name: "Later version" }).click();
  await said(page, "You said: from there").waitFor();
  await other.reload();
  await said(other, "You said: from there").waitFor();
  await other.getByText("2 / 2").waitFor();
  tab.expectClean();
  another.expectClean();
});

test("a prompt that the hub did not get is in the field again", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  const field = page.getByLabel("Prompt", { exact: true });
  await page.route("**/api/chat/sessions", (route) => route.abort());
  await say(page, "into the dark");
  await page.getByRole("alert").getByText("No hub answers").first().waitFor();
  expect(await field.inputValue()).toBe("into the dark");
  await page.unroute("**/api/chat/sessions");
  await page.route("**/api/chat", (route) => route.abort());
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alert").getByText("No hub answers").first().waitFor();
  await page.unroute("**/api/chat");
  await page.reload();
  await expect.poll(() => field.inputValue()).toBe("into the dark");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await said(page, "You said: into the dark").waitFor();
  await figures(page).waitFor();
  await page.reload();
  await said(page, "You said: into the dark").waitFor();
  expect(await field.inputValue()).toBe("");
});
