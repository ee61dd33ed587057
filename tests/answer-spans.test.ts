import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { TestHub } from "./test-hub.ts";

afterEach(() => vi.unstubAllEnvs());

const page = z.object({
  traces: z.array(z.object({ trace_id: z.string(), state: z.string() })),
});
test("answers are sent as spans of OpenTelemetry's conventions, under the caller's own span", async () => {
  await using receiver = await TestHub.start();
  const created = await receiver.post("/api/2.0/mlflow/experiments/create", { name: "spans" });
  const { experiment_id } = z.object({ experiment_id: z.string() }).parse(await created.json());
  // The exporter's own setting, as a person would make it.
  vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", `x-mlflow-experiment-id=${experiment_id}`);
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const parent = "b7ad6b7169203331";
  const hub = await TestHub.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  try {
    await hub.addTinyModel();
    const chat = await hub.post(
      "/v1/chat/completions",
      {
        model: "tiny",
        messages: [{ role: "user", content: "hello" }],
        max_tokens: 5,
        temperature: 0,
        seed: 7,
      },
      { traceparent: `00-${traceId}-${parent}-01` },
    );
    expect(chat.status).toBe(200);
    await chat.text();
    const tooLong = await hub.post("/v1/completions", { model: "tiny", prompt: "word ".repeat(3000) });
    expect(tooLong.status).toBe(400);
  } finally {
    // What was not sent yet goes out now.
    await hub[Symbol.asyncDispose]();
  }
  const search = await receiver.post("/api/3.0/mlflow/traces/search", {
    locations: [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id } }],
  });
  const { traces } = page.parse(await search.json());
  expect(traces).toHaveLength(2);
  const spanOf = async (id: string) => {
    const answer = await receiver.fetch(`/api/3.0/mlflow/traces/get?trace_id=${id}`);
    expect(answer.status).toBe(200);
    return await answer.text();
  };
  const chat = await spanOf(`tr-${traceId}`);
  for (const part of [
    '"chat tiny"',
    // Ids are in base64 there.
    Buffer.from(parent, "hex").toString("base64"),
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    '"tiny:1"',
    "gen_ai.request.max_tokens",
    "gen_ai.request.seed",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.response.finish_reasons",
    "gen_ai.first_token",
  ])
    expect(chat).toContain(part);
  const other = traces.find(({ trace_id }) => trace_id !== `tr-${traceId}`);
  expect(other?.state).toBe("ERROR");
  const failed = await spanOf(other?.trace_id ?? "");
  expect(failed).toContain("text_completion tiny");
  expect(failed).toContain("error.type");
});

test("a receiver that is not there costs no request and no stop", async () => {
  await using hub = await TestHub.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" } });
  await hub.addTinyModel();
  expect((await hub.client.inference.run({ model_id: "tiny", prompt: "x", max_tokens: 1 })).tokens).toBe(1);
});
