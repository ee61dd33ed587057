import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatSetup, figures, say } from "./chat-setup.ts";

let chat: ChatSetup;
beforeAll(async () => {
  chat = await ChatSetup.start();
});
afterAll(() => chat[Symbol.asyncDispose]());

const samples: Record<string, string> = {
  python:
    '@cached\ndef area(r: float) -> float:\n    """Of a circle."""\n    # π r²\n    return 3.14 * r ** 2',
  typescript: "export class A<T> { readonly size: number = 0x1f; get(k: string): T | null { return null; } }",
  html: '<!-- a --><script>window.ran = 1</script><img src="x" onerror="window.ran = 1">',
  css: "a.b > #c:hover { color: #fff; margin: 0 2px !important; }",
  bash: 'for f in *.txt; do echo "$f" | grep -v x; done',
  json: '{ "a": [1, true, null], "b": "c" }',
  yaml: "# settings\nname: hearth\nports:\n  - 4747",
  sql: "SELECT name, count(*) FROM runs WHERE state = 'done' GROUP BY name;",
  diff: "- old\n+ new\n@@ -1 +1 @@",
  rust: "fn main() -> Result<(), Box<dyn Error>> { println!(\"{}\", 'a'); Ok(()) }",
};

test.each(["light", "dark"] as const)("code has the colours of its language (%s)", async (colorScheme) => {
  const text = Object.entries(samples)
    .map(([language, code]) => `\`\`\`${language}\n${code}\n\`\`\``)
    .join("\n\n");
  chat.scripted.scripts.set("code", { text });
  await using tab = await chat.browser.open(chat.with("script/one"), { colorScheme, height: 2400 });
  const { page } = tab;
  const highlighters: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/highlighting-")) highlighters.push(request.url());
  });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await say(page, "no code");
  await figures(page).waitFor();
  expect(highlighters).toEqual([]);
  await say(page, "code");
  const answer = page.getByRole("article").last();
  await answer.locator("[data-scope=keyword]").getByText("return", { exact: true }).first().waitFor();
  await answer.locator("[data-scope=comment]").getByText("# settings").waitFor();
  expect(highlighters).toHaveLength(1);
  expect(await answer.locator("pre").allTextContents()).toEqual(Object.values(samples));
  expect(await page.evaluate("window.ran")).toBeUndefined();
  await answer.getByRole("button", { name: "Copy the code" }).nth(2).click();
  await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe(samples["html"]);
  await tab.expectAccessible();
  tab.expectClean();
});

test("code that is still being written waits for its colours", async () => {
  chat.scripted.scripts.set("unfinished", { text: "```js\nconst a = 1;\nconst b", hold: true });
  await using tab = await chat.browser.open(chat.with("script/one"));
  const { page } = tab;
  await say(page, "unfinished");
  const code = page.getByRole("article").locator("pre");
  await code.getByText("const b").waitFor();
  expect(await code.locator("span").count()).toBe(0);
  await page.keyboard.press("Escape");
  await code.locator("[data-scope=keyword]").first().waitFor();
  expect(await code.textContent()).toBe("const a = 1;\nconst b");
});
