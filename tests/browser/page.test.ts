import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

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

test.each(["light", "dark"] as const)("every room opens from the menu (%s)", async (colorScheme) => {
  await using tab = await browser.open(`${hub.url}/`, { colorScheme });
  const { page } = tab;
  const rooms = page.getByRole("navigation", { name: "Rooms" });
  for (const room of [
    "Chat",
    "Experiments",
    "Models",
    "Datasets",
    "Training",
    "Traces",
    "Serving",
    "Settings",
    "Home",
  ]) {
    await rooms.getByRole("link", { name: room, exact: true }).click();
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    expect(await page.title()).toContain("Hearth");
    await tab.expectAccessible();
  }
  tab.expectClean();
});

test("an address inside the page opens by itself, on a phone too", async () => {
  await using tab = await browser.open(`${hub.url}/#/models`, { width: 390, height: 800 });
  await tab.page.getByText("tiny").first().waitFor();
  const overflow = await tab.page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  expect(overflow).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("an address that leads nowhere says so", async () => {
  await using tab = await browser.open(`${hub.url}/#/nowhere`);
  await tab.page.getByText("There is no such page").waitFor();
  tab.expectClean();
});

test("the document lets nothing run or load that is not the hub's", async () => {
  const [first, second] = [await hub.fetch("/"), await hub.fetch("/")];
  const policy = first.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).not.toContain("unsafe");
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
  expect(await first.text()).toContain(`nonce="${nonce}"`);
  expect(second.headers.get("content-security-policy")).not.toBe(policy);
});

test("scripts are small on the wire, kept for good, and nothing else of the disk is served", async () => {
  const document = await (await hub.fetch("/")).text();
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(document)?.[1] ?? "";
  const plain = await hub.fetch(script, { headers: { "accept-encoding": "identity" } });
  const compressed = await hub.fetch(script, { headers: { "accept-encoding": "gzip, br" } });
  expect(compressed.headers.get("content-encoding")).toBe("br");
  expect(compressed.headers.get("cache-control")).toContain("immutable");
  expect(await compressed.text()).toBe(await plain.text());
  for (const path of ["/assets/%2e%2e%2findex.html", "/assets/..%2f..%2fpackage.json", "/assets/none.js"]) {
    expect((await hub.fetch(path)).status).toBe(404);
  }
});

test("something is seen before the scripts are there", async () => {
  await using tab = await browser.open("about:blank");
  await tab.page.route("**/*.js", () => {
    // Never answered: as if the network took for ever.
  });
  await tab.page.goto(`${hub.url}/`, { waitUntil: "commit" });
  await tab.page.getByText("Hearth", { exact: true }).waitFor();
  const painted = await tab.page.evaluate<number>(`new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntriesByName("first-contentful-paint").length))
      .observe({ type: "paint", buffered: true });
  })`);
  expect(painted).toBe(1);
  tab.expectClean();
});
