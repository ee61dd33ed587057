import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";

test("without the service nothing typed is lost, and it is tried again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearth-chat-"));
  try {
    // No socket can be made below a file.
    await writeFile(join(folder, "file"), "");
    await using chat = await ChatSetup.start({ HEARTH_CHAT_SOCKET: join(folder, "file", "chat.sock") });
    await using tab = await chat.browser.open(chat.with("script/one"));
    const { page } = tab;
    await say(page, "is anybody there");
    const banner = page.getByRole("alert").filter({ hasText: "AI service unavailable" });
    await banner.waitFor();
    await page.getByRole("article").getByText("The AI service is not running").waitFor();
    await page.getByLabel("Prompt", { exact: true }).fill("half a thought");
    await tab.expectAccessible();
    // Not before long it tries by itself.
    const patience = async () => (await chat.hub.client.conversations.config()).service.retry_after ?? 0;
    await expect.poll(patience).toBeGreaterThanOrEqual(8);
    await rm(join(folder, "file"));
    await banner.getByRole("button", { name: "Try now" }).click();
    await banner.waitFor({ state: "detached" });
    expect(await page.getByLabel("Prompt", { exact: true }).inputValue()).toBe("half a thought");
    const again = page.getByRole("article").getByRole("button", { name: /Ask now|Try again/ });
    await expect
      .poll(async () => {
        if ((await again.count()) > 0) await again.first().click();
        return await said(page, "You said: is anybody there").count();
      })
      .toBe(1);
    await figures(page).waitFor();
    expect(tab.foreign).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("providers are edited and checked; keys are told as set or not set, and where they are expected", async () => {
  await using chat = await ChatSetup.start({ SCRIPT_KEY: "very-secret" });
  await using tab = await chat.browser.open(`${chat.hub.url}/#/chat/settings`);
  const { page } = tab;
  await page.getByText("Not started yet").waitFor();
  await page.getByRole("button", { name: "Edit the providers" }).click();
  const field = page.getByLabel("Configuration");
  const file = (apiKey: string) =>
    JSON.stringify({
      version: "1.0",
      providers: [
        { id: "scripted", name: "Scripted", baseURL: chat.scripted.url, apiKey, models: [{ id: "own" }] },
        { id: "openai", models: [] },
      ],
      settings: { maxSteps: 5 },
    });
  await field.fill("{");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("This is not JSON").waitFor();
  await field.fill(file("sk-plain"));
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("providers.0.apiKey: ").waitFor();
  await tab.expectAccessible();
  await field.fill(file("${SCRIPT_KEY}"));
  await page.getByRole("button", { name: "Save" }).click();
  const rows = page.getByRole("table", { name: "Providers of the chat" }).getByRole("row");
  await rows.filter({ hasText: "Scripted" }).getByText("key set").waitFor();
  await rows.filter({ hasText: "openai" }).getByText("not set, expected in").waitFor();
  await rows.filter({ hasText: "openai" }).getByText("${OPENAI_API_KEY}").waitFor();
  expect(await page.content()).not.toContain("very-secret");
  await tab.expectAccessible();
  await page.getByRole("link", { name: "Back to the chat" }).click();
  await page.getByRole("combobox", { name: "Models that answer" }).click();
  await page.getByRole("option", { name: "own" }).click();
  await page.keyboard.press("Escape");
  // Two answer: the hub's first name, and the provider's.
  await say(page, "through the provider");
  await said(page, "You said: through the provider").nth(1).waitFor();
  await page.getByRole("article", { name: "Answer of own (scripted)" }).waitFor();
  await page.goto(`${chat.hub.url}/#/chat/settings`);
  await page.getByText("Running.").waitFor();
  await page.getByRole("button", { name: "Start it anew" }).click();
  await page.getByRole("table", { name: "Processes of the AI service" }).getByText("up").waitFor();
  // A file that cannot be read leaves the last one in force, and the page says so.
  await writeFile(join(chat.hub.home, "chat.config.json"), '{ "apiKey": "sk-in-a-broken-file"');
  await page.getByRole("alert").getByText("is not in force: it is not JSON").waitFor();
  expect(await page.content()).not.toContain("sk-in-a-broken-file");
  await rows.filter({ hasText: "Scripted" }).getByText("key set").waitFor();
  tab.expectClean();
});
