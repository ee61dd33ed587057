import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";
import { longConversation } from "./long-conversation.ts";

let chat: ChatSetup;
beforeAll(async () => {
  chat = await ChatSetup.start();
});
afterAll(() => chat[Symbol.asyncDispose]());

test("ten thousand messages: only those in view are drawn, keys go to both ends, and one more is asked", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  const id = await longConversation(chat.hub.client, 4_999);
  await page.goto(`${chat.hub.url}/#/chat?conversation=${id}&model=script/one`);
  await page.getByText("Prompt 4998", { exact: true }).waitFor();
  const expectFew = async () => {
    expect(await page.getByRole("article").count()).toBeLessThan(40);
    expect(await page.locator("*").count()).toBeLessThan(2_000);
  };
  await expectFew();
  const log = page.getByRole("log", { name: "Conversation" });
  await log.focus();
  await page.keyboard.press("Home");
  await page.getByText("Prompt 0", { exact: true }).waitFor();
  await expectFew();
  const field = page.getByLabel("Prompt", { exact: true });
  await field.pressSequentially("typing stays quick");
  expect(await field.inputValue()).toBe("typing stays quick");
  // Typing draws no message again: the first one is still what is seen.
  await page.getByText("Prompt 0", { exact: true }).waitFor();
  await log.focus();
  await page.keyboard.press("End");
  await page.getByText("Prompt 4998", { exact: true }).waitFor();
  await field.press("Enter");
  await said(page, "You said: typing stays quick").waitFor();
  expect(chat.scripted.requests.at(-1)).toHaveLength(9_999);
  await expectFew();
  tab.expectClean();
});

const paragraphs = "A paragraph with **bold** words.\n\n".repeat(30_000);

test.each([
  ["words", "word ".repeat(200_000)],
  ["paragraphs", paragraphs],
  ["one line", "x".repeat(1_000_000)],
])("a megabyte of %s is shown in part, and in full when asked for", async (name, text) => {
  chat.scripted.scripts.set(name, { text });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, name);
  await figures(page).waitFor({ timeout: 60_000 });
  const shown = async () => (await page.getByRole("article").textContent())?.length ?? 0;
  expect(await shown()).toBeLessThan(50_000);
  const whole = text.length.toLocaleString("en");
  await page.getByRole("button", { name: `Show all ${whole} characters` }).click();
  await expect.poll(shown).toBeGreaterThanOrEqual(text.length);
  const field = page.getByLabel("Prompt", { exact: true });
  await field.pressSequentially("still here");
  expect(await field.inputValue()).toBe("still here");
  tab.expectClean();
});

test("a long answer is Markdown to its end, and its code goes on over the parts", async () => {
  const code = `\`\`\`js\n${"const a = 1; // again\n".repeat(2_500)}\`\`\``;
  chat.scripted.scripts.set("parts", { text: `${code}\n\nThe **last** word` });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "parts");
  await page.getByRole("button", { name: /^Show all/ }).click();
  await page.getByRole("article").locator("strong").getByText("last", { exact: true }).waitFor();
  expect(await page.getByRole("article").locator("pre").count()).toBe(3);
  tab.expectClean();
});

test("a megabyte is pasted as a file, sent, shown in part and edited", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  const text = "word ".repeat(199_000);
  chat.scripted.scripts.set(`pasted.txt:\n\`\`\`\n${text}\n\`\`\``, { text: "That was long." });
  await page.getByLabel("Prompt", { exact: true }).focus();
  await page.evaluate(`(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "word ".repeat(199_000));
    document.activeElement.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  })()`);
  await page.getByRole("button", { name: "Remove pasted.txt" }).waitFor();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await said(page, "That was long.").waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Show all 995,020 characters" }).waitFor();
  await page.getByRole("button", { name: "Edit this prompt" }).click();
  const editor = page.getByLabel("Edit the prompt");
  await editor.press("End");
  await page.keyboard.type("!");
  expect(await editor.inputValue()).toHaveLength(995_021);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Show all 995,020 characters" }).waitFor();
  tab.expectClean();
});
