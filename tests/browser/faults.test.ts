import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await TestBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());

const rooms = [
  "",
  "chat",
  "experiments",
  "models",
  "datasets",
  "training",
  "traces",
  "serving",
  "settings",
] as const;

test("a hub without anything shows no error in any room", async () => {
  await using hub = await TestHub.start();
  for (const room of rooms) {
    await using tab = await browser.open(`${hub.url}/#/${room}`);
    await tab.page.getByRole("heading", { level: 1 }).first().waitFor();
    await tab.page.waitForLoadState("load");
    expect(await tab.page.getByRole("alert").allTextContents()).toEqual([]);
    tab.expectClean();
  }
});

test("a hub that was restarted under an open page is shown again, and what was typed stays", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-faults-"));
  try {
    const first = await TestHub.start({ home });
    await first.addTinyModel();
    const port = String(first.port);
    await using tab = await browser.open(`${first.url}/#/models`);
    await using other = await browser.open(`${first.url}/#/traces`);
    await tab.page.getByText("tiny").first().waitFor();
    await other.page.getByLabel("Text").fill("quartz");
    await first.stop();
    await using second = await TestHub.start({ home, env: { HEARTH_PORT: port } });
    await second.addTinyModel("later");
    await tab.page.getByText("later").first().waitFor();
    await other.page.getByText("Nothing matches").waitFor();
    expect(await other.page.getByLabel("Text").inputValue()).toBe("quartz");
  } finally {
    await rm(home, { recursive: true });
  }
});

test("with an API key a browser is asked for it, and the page opens with it", async () => {
  const key = "a-key-of-some-length";
  await using hub = await TestHub.start({ env: { HEARTH_API_KEY: key } });
  const refused = await hub.fetch("/");
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toMatch(/\bBasic\b/);
  const chromiumAlone = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const context = await chromiumAlone.newContext({ httpCredentials: { username: "me", password: key } });
    const page = await context.newPage();
    await page.goto(`${hub.url}/#/traces`);
    await page.getByText("No answer yet").waitFor();
    expect(await page.getByRole("alert").allTextContents()).toEqual([]);
  } finally {
    await chromiumAlone.close();
  }
});

test.each([
  ["ahead", 10 * 365 * 86_400_000],
  ["back", -86_400_000],
])("a clock that is far %s makes no negative ages", async (_, off) => {
  await using hub = await TestHub.start();
  await hub.addTinyModel();
  await using tab = await browser.open("about:blank");
  await tab.page.clock.setFixedTime(Date.now() + off);
  await tab.page.goto(`${hub.url}/#/models`);
  await tab.page.getByText("tiny").first().waitFor();
  expect(await tab.page.getByRole("main").textContent()).not.toMatch(/[-−]\d+ (ms|s|min|h)\b/);
  tab.expectClean();
});

test("the JavaScript that is loaded before anything is shown stays within 350 kB, compressed", async () => {
  const dist = join(import.meta.dirname, "../../packages/web/dist");
  const html = await readFile(join(dist, "index.html"), "utf8");
  const pending = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
    (match) => match[1] ?? "",
  );
  expect(pending.length).toBeGreaterThan(0);
  const loaded = new Map<string, number>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (loaded.has(name)) continue;
    const source = await readFile(join(dist, name), "utf8");
    loaded.set(name, gzipSync(source).byteLength);
    // What a chunk imports by a statement is loaded with it; `import()` is not.
    for (const match of source.matchAll(
      /(?:^|[;}\n])\s*(?:import|export)\b[^;("'`]*?["']\.\/([\w.-]+\.js)["']/g,
    ))
      pending.push(`assets/${match[1]}`);
  }
  const total = [...loaded.values()].reduce((sum, bytes) => sum + bytes, 0);
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThanOrEqual(350_000);
});
