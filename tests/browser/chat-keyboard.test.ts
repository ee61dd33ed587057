import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";

let chat: ChatSetup;
beforeAll(async () => {
  chat = await ChatSetup.start();
});
afterAll(() => chat[Symbol.asyncDispose]());

test("Enter sends, Shift + Enter begins a line, arrow up edits the last prompt, Escape leaves it as it was", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  const field = page.getByLabel("Prompt", { exact: true });
  await field.focus();
  await page.keyboard.type("first");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second");
  await page.keyboard.press("Enter");
  await figures(page).waitFor();
  expect(chat.scripted.requests.at(-1)?.at(-1)?.content).toBe("first\nsecond");
  const editor = page.getByLabel("Edit the prompt");
  await field.press("ArrowUp");
  await page.locator("textarea:focus").and(editor).waitFor();
  expect(await editor.inputValue()).toBe("first\nsecond");
  await page.keyboard.type(", third");
  await page.keyboard.press("Escape");
  expect(await editor.count()).toBe(0);
  await field.press("ArrowUp");
  await editor.waitFor();
  expect(await editor.inputValue()).toBe("first\nsecond");
  await page.keyboard.type(", fourth");
  await page.keyboard.press("Enter");
  await said(page, "second, fourth").waitFor();
  await page.getByText("2 / 2").waitFor();
  // In a field with words the key moves the caret.
  await field.fill("words");
  await field.press("ArrowUp");
  expect(await editor.count()).toBe(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("Escape stops an answer, and what came is said once at its end", async () => {
  chat.scripted.scripts.set("slow", { text: "Half of it", hold: true });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "slow");
  await said(page, "Half of it").waitFor();
  const spoken = page.getByRole("status").getByText("answered");
  expect(await spoken.count()).toBe(0);
  await page.getByLabel("Prompt", { exact: true }).press("Escape");
  await page.getByText("stopped", { exact: true }).waitFor();
  await spoken.getByText("script/one answered (stopped): Half of it").waitFor();
  await say(page, "quick");
  await page.getByRole("status").getByText("script/one answered: You said: quick").waitFor();
});

test("settings go to the model, and stay with the conversation", async () => {
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByLabel("System prompt").fill("Be brief.");
  await page.getByLabel("Temperature").fill("0.3");
  await page.getByLabel("Top p").fill("0.9");
  await page.getByRole("combobox", { name: "Stop at" }).fill("END");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Close" }).click();
  await say(page, "hello");
  await figures(page).waitFor();
  expect(chat.scripted.bodies.at(-1)).toMatchObject({ temperature: 0.3, top_p: 0.9, stop: ["END"] });
  expect(chat.scripted.bodies.at(-1)?.messages[0]).toMatchObject({
    role: "system",
    content: expect.stringContaining("Be brief."),
  });
  await page.reload();
  await figures(page).waitFor();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await expect.poll(() => page.getByLabel("System prompt").inputValue()).toBe("Be brief.");
  await expect.poll(() => page.getByLabel("Temperature").inputValue()).toBe("0.3");
  tab.expectClean();
});

/** Runs in the page: files are pasted into the prompt, or dropped on the middle of the page. */
const giveFiles = (by: "paste" | "drop") => `(() => {
  const data = new DataTransfer();
  data.items.add(new File(["alpha"], "${by}.txt", { type: "text/plain" }));
  data.items.add(new File([new Uint8Array([0xff, 0xd8, 0])], "${by}.jpg", { type: "image/jpeg" }));
  data.items.add(new File(["a".repeat(2500000)], "${by}.log", { type: "text/plain" }));
  if ("${by}" === "paste") {
    document.querySelector("textarea[aria-label=Prompt]").dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
    return;
  }
  const at = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  for (const type of ["dragenter", "dragover", "drop"])
    at.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
})()`;

test.each(["paste", "drop"] as const)(
  "files are attached by %s; what cannot be is refused in words",
  async (by) => {
    await using tab = await chat.browser.open(chat.with("script/one"));
    const { page } = tab;
    await page.getByLabel("Prompt", { exact: true }).fill("look");
    await page.evaluate(giveFiles(by));
    await page.getByRole("button", { name: `Remove ${by}.txt` }).waitFor();
    await page.getByText(`${by}.jpg is not a text file`).first().waitFor();
    await page.getByText(`${by}.log has 2.50 MB, and at most 1 MB can be attached.`).first().waitFor();
    await tab.expectAccessible();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await figures(page).waitFor();
    expect(chat.scripted.requests.at(-1)?.at(-1)?.content).toBe(`look\n\n${by}.txt:\n\`\`\`\nalpha\n\`\`\``);
    tab.expectClean();
  },
);
