import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { TestBrowser } from "./browser.ts";

let browser: TestBrowser;
let home = "";
beforeAll(async () => {
  browser = await TestBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-replaced-"));
});
afterEach(() => rm(home, { recursive: true }));

/** Another hub in the same home and at the same address. */
const restart = (hub: TestHub, env: Record<string, string> = {}) =>
  TestHub.start({ home, env: { HEARTH_PORT: String(hub.port), ...env } });

const outdated = "Hearth was replaced by another version";

test("a page under which the hub was replaced by another version offers to be loaded anew", async () => {
  const hub = await TestHub.start({ home });
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  await page.getByText("No models yet").waitFor();
  await hub.stop();
  await page.getByText("The hub is away.").waitFor();
  // The document of the other version begins with another script.
  await page.route(`${hub.url}/`, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(/assets\/index-[\w-]+\.js/g, "assets/index-OTHER.js");
    await route.fulfill({ response, body });
  });
  await using again = await restart(hub);
  await page.getByText(outdated).waitFor();
  await tab.expectAccessible();
  await page.unroute(`${hub.url}/`);
  await page.getByRole("button", { name: "Reload the page" }).click();
  await page.getByText(outdated).waitFor({ state: "detached" });
  await page.getByText("No models yet").waitFor();
  expect(again.url).toBe(hub.url);
});

test("a room whose files are gone offers to load the page anew, and nothing is loaded without asking", async () => {
  await using hub = await TestHub.start();
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  await page.getByText("No models yet").waitFor();
  await page.route("**/assets/datasets-page-*.js", (route) => route.fulfill({ status: 404, body: "{}" }));
  await page.evaluate(`document.body.dataset.kept = "yes"`);
  await page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: "Datasets" }).click();
  await page.getByText("This part of the page could not be loaded").waitFor();
  expect(await page.locator("body").getAttribute("data-kept")).toBe("yes");
  await tab.expectAccessible();
  await page.unroute("**/assets/datasets-page-*.js");
  await page.getByRole("button", { name: "Reload the page" }).click();
  await page.getByText("No datasets yet").waitFor();
});

test("going to another room while the hub is away does not lose the page", async () => {
  const hub = await TestHub.start({ home });
  await using tab = await browser.open(`${hub.url}/#/models`);
  const { page } = tab;
  await page.getByText("No models yet").waitFor();
  await hub.stop();
  await page.getByText("The hub is away.").waitFor();
  await page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: "Datasets" }).click();
  const reload = page.getByRole("button", { name: "Reload the page" });
  await reload.click();
  await page.getByText("Nobody answers yet").waitFor();
  await tab.expectAccessible();
  await using again = await restart(hub);
  await page.getByText("The hub is away.").waitFor({ state: "detached" });
  await reload.click();
  await page.getByText("No datasets yet").waitFor();
  expect(again.url).toBe(hub.url);
});

test("a hub that wants another key says so, and the page goes on with it", async () => {
  const hub = await TestHub.start({ home, env: { HEARTH_API_KEY: "the-first-of-two-keys" } });
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  const context = page.context();
  await context.setHTTPCredentials({ username: "me", password: "the-first-of-two-keys" });
  await page.goto(`${hub.url}/#/datasets`);
  await page.getByText("No datasets yet").waitFor();
  // What a link leads to is had with the same key.
  const [api] = await Promise.all([
    context.waitForEvent("page"),
    page.getByRole("link", { name: "HTTP API" }).click(),
  ]);
  await api.getByText("openapi").first().waitFor();
  await api.close();

  await hub.stop();
  const key = "the-second-of-two-keys";
  await using again = await restart(hub, { HEARTH_API_KEY: key });
  const locked = page.getByText("The hub wants an API key");
  await locked.waitFor();
  await tab.expectAccessible();
  expect(page.url()).not.toContain("key");
  // The page stays as it is, with what may be typed on it.
  await page.getByText("No datasets yet").waitFor();
  await context.setHTTPCredentials({ username: "me", password: key });
  await again.client.datasets.create({ name: "locked-in", path: await writeSmallDataset(home) });
  await page.getByRole("button", { name: "Give the key" }).click();
  await page.getByRole("link", { name: "locked-in:1" }).waitFor();
  await locked.waitFor({ state: "detached" });
});

test("what was typed into forms outlives the hub, and a training also the page", async () => {
  const first = await TestHub.start({ home });
  await first.addTinyModel("base");
  await first.client.datasets.create({ name: "mails", path: await writeSmallDataset(home) });
  await using tab = await browser.open(`${first.url}/#/training/new?dataset=mails`);
  const { page } = tab;
  const context = page.context();
  const dialog = await context.newPage();
  await dialog.goto(`${first.url}/#/models`);
  await dialog.getByRole("button", { name: "Add a model" }).click();
  await dialog.getByLabel("Name").fill("half-typed");
  const name = page.getByRole("combobox", { name: "Model" });
  await name.fill("of-my-own");
  await page.getByLabel("Rank").fill("7");
  await first.stop();
  await page.getByText("The hub is away.").waitFor();
  await using again = await restart(first);
  await page.getByText("The hub is away.").waitFor({ state: "detached" });
  await dialog.getByText("The hub is away.").waitFor({ state: "detached" });
  expect(await dialog.getByLabel("Name").inputValue()).toBe("half-typed");
  expect(await name.inputValue()).toBe("of-my-own");
  await page.reload();
  await name.waitFor();
  expect(await name.inputValue()).toBe("of-my-own");
  expect(await page.getByLabel("Rank").inputValue()).toBe("7");
  await tab.expectAccessible();
  await page.getByRole("button", { name: "Forget what I typed before" }).click();
  expect(await name.inputValue()).toBe("");
  expect(await page.getByRole("combobox", { name: "Dataset" }).inputValue()).toBe("mails");
  await page.reload();
  await name.waitFor();
  expect(await name.inputValue()).toBe("");
  expect(again.url).toBe(first.url);
});
