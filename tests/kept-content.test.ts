import { expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

const secret = "the word is quartz";

async function askOnce(hub: TestHub): Promise<{ id: string; answer: string }> {
  await hub.addTinyModel();
  const response = await hub.post("/v1/chat/completions", {
    model: "tiny",
    messages: [{ role: "user", content: secret }],
    max_tokens: 6,
    temperature: 0,
    seed: 1,
  });
  const body = (await response.json()) as { choices: { message: { content: string } }[] };
  return {
    id: response.headers.get("x-hearth-trace") ?? "",
    answer: body.choices[0]?.message.content ?? "",
  };
}

async function mlflowTrace(hub: TestHub, id: string): Promise<string> {
  const trace = `tr-${id.replaceAll("-", "")}`;
  return await (await hub.fetch(`/api/3.0/mlflow/traces/get?trace_id=${trace}`)).text();
}

test("prompt and answer are kept only where it is set, and can be read by both APIs", async () => {
  await using hub = await TestHub.start({ env: { HEARTH_KEEP_CONTENT: "1" } });
  const { id, answer } = await askOnce(hub);
  const trace = await hub.client.traces.get(id);
  expect(trace.content).toEqual({
    input: { messages: [{ role: "user", content: secret }] },
    output: answer === "" ? null : answer,
  });
  const told = JSON.parse(await mlflowTrace(hub, id)) as { trace: { trace_info: Record<string, unknown> } };
  expect(told.trace.trace_info["request_preview"]).toBe(secret);
  expect(JSON.stringify(told)).toContain("mlflow.spanInputs");
});

test("without the setting nothing of it reaches the database", async () => {
  await using hub = await TestHub.start();
  const { id } = await askOnce(hub);
  const trace = await hub.client.traces.get(id);
  expect(trace).not.toHaveProperty("content");
  expect(await mlflowTrace(hub, id)).not.toContain("quartz");
  const { items } = await hub.client.traces.list();
  expect(JSON.stringify(items)).not.toContain("quartz");
});
