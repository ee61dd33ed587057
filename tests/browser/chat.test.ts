import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestBrowser } from "./browser.ts";
import { ChatSetup, figures, said, say } from "./chat-setup.ts";
import type { ScriptedModel } from "./scripted-model.ts";
import type { TestHub } from "../test-hub.ts";

let chat: ChatSetup;
let hub: TestHub;
let browser: TestBrowser;
let scripted: ScriptedModel;
beforeAll(async () => {
  chat = await ChatSetup.start();
  ({ hub, browser, scripted } = chat);
  await hub.addTinyModel();
});
afterAll(() => chat[Symbol.asyncDispose]());
const chatWith = (...models: string[]) => chat.with(...models);

test.each(["light", "dark"] as const)(
  "an answer shows its figures and leads to its version (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(chatWith("tiny"), { colorScheme });
    const { page } = tab;
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.getByLabel("Most tokens").fill("8");
    await page.getByLabel("Seed").fill("3");
    await tab.expectAccessible();
    await page.keyboard.press("Escape");
    await say(page, "Say something.");
    await figures(page).waitFor();
    await page.getByText("8 tokens · prompt").waitFor();
    expect(await page.getByRole("link", { name: "tiny:1" }).getAttribute("href")).toBe(
      "#/models/tiny/versions/1",
    );
    expect(await page.getByRole("link", { name: "trace", exact: true }).getAttribute("href")).toMatch(
      /^#\/traces\?trace=./,
    );
    await tab.expectAccessible();
    tab.expectClean();
  },
);

const hostile = [
  "<script>window.ran = 1</script>",
  '<img src="https://evil.example/a.png" onerror="window.ran = 1">',
  "![picture](https://evil.example/b.png)",
  "[press](javascript:window.ran=1) [page](data:text/html,<script>window.ran=1</script>)",
  "[outside](https://example.com/page)",
  '<iframe src="https://evil.example/"></iframe>',
  '<svg onload="window.ran = 1"><circle r="4"/></svg>',
  "<style>body { display: none }</style>",
  `|${" a |".repeat(60)}\n|${" - |".repeat(60)}\n${`|${" b |".repeat(60)}\n`.repeat(30)}`,
  "~~~js\nconst code = 1;\n~~~",
  "```html\n<script>window.ran = 1</script>\n```",
  "the end of it",
  "```broken <b",
].join("\n\n");

test.each([1280, 390])("hostile Markdown runs nothing and loads nothing (%i px)", async (width) => {
  scripted.scripts.set("hostile", { text: hostile });
  await using tab = await browser.open(chatWith("script/one"), { width });
  const { page } = tab;
  await say(page, "hostile");
  await figures(page).waitFor();
  const article = page.getByRole("article");
  await article.getByText("the end of it").waitFor();
  await article.getByRole("link", { name: "outside" }).waitFor();
  expect(await article.locator("script, img, iframe, style, svg circle").count()).toBe(0);
  const links = await article
    .getByRole("link")
    .evaluateAll((all) => all.map((one) => [one.getAttribute("href"), one.getAttribute("rel")]));
  expect(links.filter(([href]) => href?.startsWith("#") !== true)).toEqual([
    ["https://evil.example/b.png", "noopener noreferrer"],
    ["https://example.com/page", "noopener noreferrer"],
  ]);
  expect(await page.evaluate("window.ran")).toBeUndefined();
  await article.getByText("const code = 1;").waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("a stopped answer keeps what came, and the model is told", async () => {
  scripted.scripts.set("slow", { text: "The beginning", hold: true });
  await using tab = await browser.open(chatWith("script/one"));
  const { page } = tab;
  await say(page, "slow");
  await said(page, "The beginning").waitFor();
  const left = scripted.left;
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("stopped", { exact: true }).waitFor();
  await expect.poll(() => scripted.left).toBe(left + 1);
  await page.reload();
  await said(page, "The beginning").waitFor();
  tab.expectClean();
});

test("reasoning is folded; an edited prompt and a second answer are versions beside the first", async () => {
  scripted.scripts.set("think", { text: "Forty-two.", reasoning: "Six times seven." });
  await using tab = await browser.open(chatWith("script/one"));
  const { page } = tab;
  await say(page, "think");
  await said(page, "Forty-two.").waitFor();
  expect(await page.getByText("Six times seven.").count()).toBe(0);
  await page.getByRole("button", { name: "Show the reasoning" }).click();
  await page.getByText("Six times seven.").waitFor();
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.getByText("2 / 2").waitFor();
  await page.getByRole("button", { name: "Edit this prompt" }).click();
  await page.getByLabel("Edit the prompt").fill("else");
  await page.getByRole("button", { name: "Send as a new version" }).click();
  await said(page, "You said: else").waitFor();
  expect(scripted.requests.at(-1)).toEqual([{ role: "user", content: "else" }]);
  await page.getByRole("button", { name: "Earlier version" }).click();
  await said(page, "Forty-two.").waitFor();
  await tab.expectAccessible();
  tab.expectClean();
});

test("two models answer beside each other, and each is told its own words again", async () => {
  await using tab = await browser.open(
    `${hub.url}/#/chat?model=${encodeURIComponent('["script/one","script/two"]')}`,
  );
  const { page } = tab;
  await say(page, "both");
  await expect.poll(() => page.getByRole("article").getByText("You said: both").count()).toBe(2);
  await figures(page).nth(1).waitFor();
  await say(page, "and then");
  await expect.poll(() => page.getByRole("article").getByText("You said: and then").count()).toBe(2);
  expect(scripted.requests.at(-1)?.map(({ content }) => content)).toEqual([
    "both",
    "You said: both",
    "and then",
  ]);
  await tab.expectAccessible();
  tab.expectClean();
});

test("a refusal is told in the hub's words and asked again", async () => {
  scripted.scripts.set("fail", { text: "", refusal: { status: 400, message: "Too much for this context." } });
  await using tab = await browser.open(chatWith("script/one"));
  const { page } = tab;
  await say(page, "fail");
  await page.getByRole("alert").getByText("Too much for this context.").waitFor();
  await page.getByText("fail", { exact: true }).first().waitFor();
  scripted.scripts.set("fail", { text: "Now it works." });
  await page.getByRole("button", { name: "Try again" }).click();
  await said(page, "Now it works.").waitFor();
  expect(tab.foreign).toEqual([]);
});

test("a model that is not there is told in the hub's words", async () => {
  await using tab = await browser.open(chatWith("nobody"));
  await say(tab.page, "hello");
  await tab.page.getByRole("alert").getByText("nobody").waitFor();
});

test("what is typed outlives a reload, and text files go with it; others are refused", async () => {
  await using tab = await browser.open(chatWith("script/one"));
  const { page } = tab;
  await page.getByLabel("Prompt", { exact: true }).fill("half a thou");
  await page.reload();
  await expect.poll(() => page.getByLabel("Prompt", { exact: true }).inputValue()).toBe("half a thou");
  await page.locator("input[type=file]").setInputFiles([
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("a ``` b") },
    { name: "photo.png", mimeType: "image/png", buffer: Buffer.from([0x89, 0x50, 0, 1]) },
    { name: "large.txt", mimeType: "text/plain", buffer: Buffer.alloc(1_000_001, "a") },
  ]);
  await page.getByText("photo.png is not a text file").first().waitFor();
  await page.getByText("large.txt has 1.00 MB, and at most 1 MB").first().waitFor();
  await page.getByRole("button", { name: "Remove notes.txt" }).waitFor();
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await figures(page).waitFor();
  expect(scripted.requests.at(-1)?.at(-1)?.content).toBe("half a thou\n\nnotes.txt:\n````\na ``` b\n````");
  await expect.poll(() => page.getByLabel("Prompt", { exact: true }).inputValue()).toBe("");
  tab.expectClean();
});

test("conversations are found, renamed and removed, in both tabs", async () => {
  await using tab = await browser.open(chatWith("script/one"));
  const { page } = tab;
  await say(page, "about whales");
  await figures(page).waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await said(other, "You said: about whales").waitFor();
  await say(other, "from the other tab");
  await said(page, "You said: from the other tab").waitFor();
  await say(page, "from the first tab");
  await said(other, "You said: from the first tab").waitFor();
  await page.getByRole("button", { name: "More about about whales" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("New name").fill("Sea");
  await page.keyboard.press("Enter");
  await other.getByRole("button", { name: "Sea", exact: true }).waitFor();
  await page.getByLabel("Search the conversations").fill("land");
  await page.getByText("Nothing was found in titles and in what was said.").waitFor();
  await page.getByLabel("Search the conversations").fill("sea");
  await page.getByRole("button", { name: "More about Sea" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("menu").waitFor({ state: "detached" });
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Delete the conversation" }).click();
  await page.getByText("Ask something", { exact: true }).waitFor();
  await expect.poll(() => other.getByRole("button", { name: "Sea", exact: true }).count()).toBe(0);
  tab.expectClean();
});
