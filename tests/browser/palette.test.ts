import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";
import { isFocused, TestBrowser, type Tab } from "./browser.ts";

const hostile = `<img src=x onerror=alert(1)> 'o''clock" %_`;

let hub: TestHub;
let browser: TestBrowser;
let runId = "";
beforeAll(async () => {
  [hub, browser] = await Promise.all([TestHub.start(), TestBrowser.start()]);
  await hub.addTinyModel();
  await hub.client.datasets.create({ name: "mails", path: await writeSmallDataset(hub.home) });
  const experiment = await hub.client.experiments.create("night owls");
  const made = await hub.post("/api/2.0/mlflow/runs/create", {
    experiment_id: experiment.id,
    run_name: hostile,
    start_time: Date.now(),
  });
  const { run } = (await made.json()) as { run: { info: { run_id: string } } };
  runId = run.info.run_id;
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** Types into the palette and takes, by the Enter key, what comes first of a group. */
async function find({ page }: Tab, text: string, option: string): Promise<void> {
  await page.keyboard.press("Control+K");
  await page.getByRole("combobox", { name: "Find rooms" }).fill(text);
  const wanted = page.getByRole("option", { name: option }).first();
  await wanted.waitFor();
  while ((await wanted.getAttribute("aria-selected")) !== "true") await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

test.each(["light", "dark"] as const)(
  "the palette opens by key and button, and closes (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/models`, { colorScheme });
    const { page } = tab;
    const search = page.getByLabel("Search", { exact: true });
    await search.focus();
    await page.keyboard.press("Control+K");
    const field = page.getByRole("combobox", { name: "Find rooms" });
    await field.waitFor();
    await page.getByRole("option", { name: "Home" }).waitFor();
    await tab.expectAccessible();
    await page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
    expect(await isFocused(search)).toBe(true);
    await page.getByRole("button", { name: "Find anything" }).click();
    await field.fill("no such thing at all");
    await page.getByText("Nothing is called so").waitFor();
    await tab.expectAccessible();
    tab.expectClean();
  },
);

test("rooms, actions and things of every kind are found by their names, with the keyboard alone", async () => {
  const trace = await hub.client.inference.run({ model_id: "tiny", prompt: "abc", max_tokens: 2 });
  await using tab = await browser.open(`${hub.url}/`);
  const { page } = tab;
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await find(tab, "tin", "tiny");
  await page.getByRole("heading", { level: 1, name: "tiny" }).waitFor();
  await find(tab, "mai", "mails");
  await page.getByRole("heading", { level: 1, name: "mails" }).waitFor();
  await find(tab, "OWLS", "night owls");
  await page.getByRole("heading", { level: 1, name: "night owls" }).waitFor();
  await find(tab, "'o''clock", hostile);
  await page.waitForURL((url) => url.hash.endsWith(`/runs/${runId}`));
  await find(tab, "serving", "Serving");
  await page.getByRole("heading", { level: 1, name: "Serving" }).waitFor();
  await find(tab, runId, hostile);
  await page.waitForURL((url) => url.hash.endsWith(`/runs/${runId}`));
  // By the id that the answer had, and by the one that it has among the traces.
  await find(tab, trace.trace_id, "tr-");
  await page.waitForURL((url) => url.hash.includes("trace="));
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await find(tab, "chat with tiny", "Chat with tiny");
  await page.waitForURL((url) => url.hash.includes("model="));
  await find(tab, "add dataset", "Add a dataset");
  await page.getByRole("dialog", { name: "Add a dataset" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await find(tab, "new training", "New training job");
  await page.getByRole("heading", { level: 1, name: "New training" }).waitFor();
  await find(tab, "dark", "Use the dark colours");
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  // Who stays on the page stays where they were on it.
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("combobox", { name: "Dataset" }).focus();
  await find(tab, "light", "Use the light colours");
  expect(await isFocused(page.getByRole("combobox", { name: "Dataset" }))).toBe(true);
  tab.expectClean();
});

test("what was asked before is dropped when something else is typed", async () => {
  await using tab = await browser.open(`${hub.url}/`);
  const { page } = tab;
  const hold = Promise.withResolvers<void>();
  await page.route("**/experiments?*search=first*", async (route) => {
    await hold.promise;
    await route.continue().catch(() => undefined);
  });
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await page.keyboard.press("Control+K");
  const field = page.getByRole("combobox", { name: "Find rooms" });
  await field.waitFor();
  const asked = page.waitForRequest((request) => request.url().includes("search=first"));
  await field.fill("first");
  const first = await asked;
  const dropped = page.waitForEvent("requestfailed", (request) => request === first);
  await field.fill("owls");
  await dropped;
  await page.getByRole("option", { name: "night owls" }).waitFor();
  hold.resolve();
  tab.expectClean();
});

test("the palette is usable on a phone", async () => {
  await using tab = await browser.open(`${hub.url}/`, { width: 390 });
  const { page } = tab;
  await page.getByRole("button", { name: "Find anything" }).click();
  await page.getByRole("combobox", { name: "Find rooms" }).fill("ma");
  await page.getByRole("option", { name: "mails" }).waitFor();
  expect(
    await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"),
  ).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});
