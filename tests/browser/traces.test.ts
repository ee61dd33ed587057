import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { agentSpans, exportTrace, hostileText } from "./agent-trace.ts";
import { TestBrowser } from "./browser.ts";

const agent = "a".repeat(32);
let hub: TestHub;
let browser: TestBrowser;
let answer: string;
beforeAll(async () => {
  [hub, browser] = await Promise.all([
    TestHub.start({ env: { HEARTH_KEEP_CONTENT: "1" } }),
    TestBrowser.start(),
  ]);
  await hub.addTinyModel();
  answer = await ask(hub, "What is quartz?");
  await exportTrace(hub, agentSpans(agent, Date.now() - 5_000));
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** The id of the answer's trace, as the hub's header has it. */
async function ask(of: TestHub, content: string): Promise<string> {
  const body = { model: "tiny", messages: [{ role: "user", content }], max_tokens: 4 };
  const response = await of.post("/v1/chat/completions", body);
  await response.text();
  return response.headers.get("x-hearth-trace") ?? "";
}

test.each(["light", "dark"] as const)(
  "the list filters and sorts, and its address holds it (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/traces`, { colorScheme });
    const { page } = tab;
    const rows = page.locator("tbody tr");
    await page.getByText("2 traces").waitFor();
    await tab.expectAccessible();
    await page.getByLabel("Text").fill("QUARTZ");
    await page.getByText("1 trace", { exact: true }).waitFor();
    expect(await rows.first().textContent()).toContain("tiny:1");
    await page.reload();
    await page.getByText("1 trace", { exact: true }).waitFor();
    expect(await page.getByLabel("Text").inputValue()).toBe("QUARTZ");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("2 traces").waitFor();
    await page.getByRole("combobox", { name: "Status" }).click();
    await page.getByRole("option", { name: "error" }).click();
    await page.getByText("1 trace", { exact: true }).waitFor();
    expect(await rows.first().textContent()).toContain("gpt-5");
    expect(await rows.first().textContent()).toContain("$0.003");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Cost" }).click();
    await page.locator('th[aria-sort="descending"]', { hasText: "Cost" }).waitFor();
    await rows.first().getByText("agent").waitFor();
    await page.getByLabel("Text").fill("nothing like it");
    await page.getByText("Nothing matches").waitFor();
    tab.expectClean();
  },
);

test.each(["light", "dark"] as const)(
  "a trace shows its spans as a tree, by keyboard too (%s)",
  async (colorScheme) => {
    await using tab = await browser.open(`${hub.url}/#/traces`, { colorScheme });
    const { page } = tab;
    await page.getByRole("link", { name: "agent" }).click();
    const tree = page.getByRole("tree", { name: "Spans" });
    const names = () => tree.getByRole("treeitem").allTextContents();
    await tree.getByRole("treeitem").nth(3).waitFor();
    expect((await names()).map((text) => text.replace(/\d.*/, ""))).toEqual([
      "agent",
      "plan",
      "model call",
      "search the web",
    ]);
    await tab.expectAccessible();
    await tree.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowLeft");
    await tree.getByText("model call").waitFor({ state: "detached" });
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const call = page.getByRole("region", { name: "Span model call" });
    await call.getByText("gpt-5").waitFor();
    expect(await call.textContent()).toContain("40 tokens in · 12 out · $0.003");
    await call.getByRole("button", { name: "Show all 4,000 characters" }).click();
    await call.getByRole("button", { name: "Fold" }).waitFor();
    await tree.getByText("search the web").click();
    const failed = page.getByRole("region", { name: "Span search the web" });
    await failed.getByText("TimeoutError", { exact: true }).waitFor();
    await failed.getByText("at search (agent.ts:12)").waitFor();
    await tab.expectAccessible();
    // The address leads to the same span again.
    await page.reload();
    await failed.getByText("no answer in 460 ms").waitFor();
    await page.getByRole("button", { name: "Close the trace" }).click();
    await tree.waitFor({ state: "detached" });
    tab.expectClean();
  },
);

test("what a trace says is shown as text, whatever it is", async () => {
  await using tab = await browser.open(`${hub.url}/#/traces?trace=tr-${agent}`);
  await tab.page.getByText(hostileText).first().waitFor();
  expect(await tab.page.title()).toContain("Hearth");
  tab.expectClean();
});

test("MLflow's link to a trace opens it", async () => {
  await using tab = await browser.open(`${hub.url}/#/experiments/0/traces?selectedEvaluationId=tr-${agent}`);
  await tab.page.getByRole("treeitem", { name: "search the web" }).waitFor();
  expect(tab.page.url()).toContain(`#/traces?experiment=`);
  tab.expectClean();
});

test("an answer opens by its own id, says what was said and leads to its version", async () => {
  await using tab = await browser.open(`${hub.url}/#/traces?trace=${answer}`, { width: 390, height: 800 });
  const { page } = tab;
  const came = page.getByRole("navigation", { name: "Where it came from" });
  await came.getByRole("link", { name: "tiny:1" }).waitFor();
  expect(await came.getByRole("link", { name: "tiny:1" }).getAttribute("href")).toBe(
    "#/models/tiny/versions/1",
  );
  await page.getByRole("region").getByText("What is quartz?").waitFor();
  expect(
    await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"),
  ).toBeLessThanOrEqual(0);
  await tab.expectAccessible();
  tab.expectClean();
});

test("feedback stands beside the trace that it is of", async () => {
  const path = `/api/3.0/mlflow/traces/tr-${agent}/assessments`;
  const given = await hub.post(path, {
    assessment: {
      assessment_name: "correct",
      source: { source_type: "HUMAN", source_id: "ann" },
      feedback: { value: false },
      rationale: "It did not search.",
    },
  });
  expect(given.status).toBe(200);
  await using tab = await browser.open(`${hub.url}/#/traces?trace=tr-${agent}`);
  const said = tab.page.getByRole("region", { name: "Assessments" });
  await said.getByText("It did not search.").waitFor();
  expect(await said.textContent()).toContain("human, ann");
  await tab.expectAccessible();
  tab.expectClean();
});

test("where content is not kept the page says so", async () => {
  await using quiet = await TestHub.start();
  await quiet.addTinyModel();
  const id = await ask(quiet, "What is quartz?");
  await using tab = await browser.open(`${quiet.url}/#/traces?trace=${id}`);
  await tab.page.getByText("With HEARTH_KEEP_CONTENT=1").waitFor();
  expect(await tab.page.textContent("body")).not.toContain("quartz");
  tab.expectClean();
});

test("without any trace the page leads to the chat; a trace that is gone is told so", async () => {
  await using empty = await TestHub.start();
  await using tab = await browser.open(`${empty.url}/#/traces`);
  await tab.page.getByRole("link", { name: "Ask a model" }).waitFor();
  await tab.expectAccessible();
  tab.expectClean();
  await using lost = await browser.open(`${empty.url}/#/traces?trace=tr-${agent}`);
  await lost.page.getByRole("alert").waitFor();
});
