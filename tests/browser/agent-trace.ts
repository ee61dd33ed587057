import { expect } from "vitest";
import type { TestHub } from "../test-hub.ts";

type Value = { stringValue: string } | { intValue: string } | { doubleValue: number };

const attribute = (key: string, value: unknown): { key: string; value: Value } => ({
  key,
  value: { stringValue: typeof value === "string" ? value : JSON.stringify(value) },
});

/** What the agent's trace answers with; a page must show it as text. */
export const hostileText = '<img src="x" onerror="document.title=\'hacked\'"><script>alert(1)</script>';

/** Spans of OTLP's JSON: an agent that plans with a model and whose search fails. `startMs` since the epoch. */
export function agentSpans(traceId: string, startMs: number): object[] {
  const at = (ms: number) => `${BigInt(Math.round(startMs + ms)) * 1_000_000n}`;
  const span = (id: number, parent: number | null, name: string, from: number, to: number) => ({
    traceId,
    spanId: String(id).padStart(16, "0"),
    ...(parent === null ? {} : { parentSpanId: String(parent).padStart(16, "0") }),
    name,
    startTimeUnixNano: at(from),
    endTimeUnixNano: at(to),
  });
  return [
    {
      ...span(1, null, "agent", 0, 900),
      status: { code: 2, message: "the search failed" },
      attributes: [
        attribute("mlflow.spanType", "AGENT"),
        attribute("mlflow.spanInputs", { question: "What is new?" }),
        attribute("mlflow.spanOutputs", hostileText),
      ],
    },
    { ...span(2, 1, "plan", 20, 420), attributes: [attribute("mlflow.spanType", "CHAIN")] },
    {
      ...span(3, 2, "model call", 40, 400),
      attributes: [
        attribute("mlflow.spanType", "CHAT_MODEL"),
        attribute("mlflow.llm.model", "gpt-5"),
        attribute("mlflow.chat.tokenUsage", { input_tokens: 40, output_tokens: 12, total_tokens: 52 }),
        attribute("mlflow.llm.cost", { input_cost: 0.001, output_cost: 0.002, total_cost: 0.003 }),
        attribute("mlflow.spanInputs", { messages: [{ role: "user", content: "long ".repeat(800) }] }),
      ],
    },
    {
      ...span(4, 1, "search the web", 430, 890),
      status: { code: 2, message: "timed out" },
      attributes: [attribute("mlflow.spanType", "TOOL")],
      events: [
        {
          name: "exception",
          timeUnixNano: at(890),
          attributes: [
            attribute("exception.type", "TimeoutError"),
            attribute("exception.message", "no answer in 460 ms"),
            attribute("exception.stacktrace", "TimeoutError: no answer\n    at search (agent.ts:12)"),
          ],
        },
      ],
    },
  ];
}

/** Sends spans to the hub's default experiment as an exporter does. */
export async function exportTrace(hub: TestHub, spans: object[]): Promise<void> {
  const body = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  const answer = await hub.post("/v1/traces", body, { "x-mlflow-experiment-id": "0" });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
}
