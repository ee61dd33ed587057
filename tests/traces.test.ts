import { afterAll, beforeAll, expect, test } from "vitest";
import { agentSpans, exportTrace } from "./browser/agent-trace.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
let answer: string;
const agent = "a".repeat(32);
beforeAll(async () => {
  hub = await TestHub.start({ env: { HEARTH_KEEP_CONTENT: "1" } });
  await hub.addTinyModel();
  const response = await hub.post("/v1/chat/completions", {
    model: "tiny",
    messages: [{ role: "user", content: "Say 100% quartz." }],
    max_tokens: 4,
  });
  await response.text();
  answer = response.headers.get("x-hearth-trace") ?? "";
  await exportTrace(hub, agentSpans(agent, Date.now() - 3_600_000));
});
afterAll(() => hub[Symbol.asyncDispose]());

const idsOf = async (query: Parameters<TestHub["client"]["traces"]["search"]>[0]) =>
  (await hub.client.traces.search(query)).items.map((trace) => trace.id);
const traceId = () => `tr-${answer.replaceAll("-", "")}`;

test("answers and clients' traces are one list, filtered and sorted", async () => {
  expect(await idsOf({})).toEqual([traceId(), `tr-${agent}`]);
  expect(await idsOf({ order: "asc" })).toEqual([`tr-${agent}`, traceId()]);
  expect(await idsOf({ model: "tiny" })).toEqual([traceId()]);
  expect(await idsOf({ model: "tiny:1" })).toEqual([traceId()]);
  expect(await idsOf({ model: "gpt-5" })).toEqual([`tr-${agent}`]);
  expect(await idsOf({ state: "ERROR" })).toEqual([`tr-${agent}`]);
  expect(await idsOf({ text: "100% QUARTZ" })).toEqual([traceId()]);
  expect(await idsOf({ text: "AGENT" })).toEqual([`tr-${agent}`]);
  expect(await idsOf({ text: "1_0" })).toEqual([]);
  expect(await idsOf({ until: new Date(Date.now() - 1_800_000).toISOString() })).toEqual([`tr-${agent}`]);
  expect(await idsOf({ sort: "total_cost", order: "asc" })).toEqual([`tr-${agent}`, traceId()]);
  expect((await hub.client.traces.search({ page_size: 1 })).total).toBe(2);
  const { items } = await hub.client.traces.search({ model: "tiny" });
  expect(items[0]).toMatchObject({
    model: "tiny",
    version: 1,
    output_tokens: 4,
    name: "/v1/chat/completions",
  });
  expect(items[0]?.ttft_ms).toBeGreaterThan(0);
});

test("a trace tells its spans, exceptions, tokens and costs", async () => {
  const { trace, spans, answered_here: ours } = await hub.client.traces.spans(`tr-${agent}`);
  expect(ours).toBe(false);
  expect(trace).toMatchObject({
    name: "agent",
    model: "gpt-5",
    input_tokens: 40,
    output_tokens: 12,
    total_cost: 0.003,
  });
  expect(spans.map((span) => [span.name, span.parent_span_id])).toEqual([
    ["agent", null],
    ["plan", "0000000000000001"],
    ["model call", "0000000000000002"],
    ["search the web", "0000000000000001"],
  ]);
  const failed = spans.find((span) => span.status === "ERROR" && span.parent_span_id !== null);
  expect(failed?.events[0]).toMatchObject({
    name: "exception",
    attributes: { "exception.type": "TimeoutError" },
  });
});

test("an answer is found by its own id too, with what it was made by", async () => {
  const details = await hub.client.traces.spans(answer);
  expect(details).toMatchObject({ trace: { id: traceId() }, answered_here: true, total_spans: 1 });
  expect(details.artifact_sha256).toMatch(/^[0-9a-f]{64}$/);
  await expect(hub.client.traces.spans("nope")).rejects.toMatchObject({ status: 404 });
});
