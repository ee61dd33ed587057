import { expect, test } from "vitest";
import { z } from "zod";
import { TestHub } from "./test-hub.ts";

const experiments = z.object({
  experiments: z.array(z.object({ experiment_id: z.string(), name: z.string() })),
});
const found = z.object({
  traces: z.array(
    z.object({
      trace_id: z.string(),
      state: z.string(),
      trace_metadata: z.record(z.string(), z.string()),
      tags: z.record(z.string(), z.string()),
    }),
  ),
});
const whole = z.object({
  trace: z.object({ spans: z.array(z.object({ name: z.string(), trace_id: z.string() })) }),
});

test("an answer is a trace of its model's experiment, for MLflow's clients too", async () => {
  await using hub = await TestHub.start();
  await hub.addTinyModel();
  const post = async (path: string, body: unknown) =>
    await hub.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const answer = await post("/v1/chat/completions", {
    model: "tiny",
    messages: [{ role: "user", content: "Say something." }],
    max_completion_tokens: 4,
  });
  const id = answer.headers.get("x-hearth-trace") ?? "";
  expect(answer.status).toBe(200);
  await answer.text();

  const listed = await post("/api/2.0/mlflow/experiments/search", { max_results: 10 });
  const experiment = experiments.parse(await listed.json()).experiments.find(({ name }) => name === "tiny");
  const search = await post("/api/3.0/mlflow/traces/search", {
    locations: [
      { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experiment?.experiment_id } },
    ],
    filter: "metadata.`hearth.modelVersion` = 'tiny:1' AND span.type = 'CHAT_MODEL'",
  });
  const { traces } = found.parse(await search.json());
  const traceId = `tr-${id.replaceAll("-", "")}`;
  expect(traces).toMatchObject([
    { trace_id: traceId, state: "OK", tags: { "mlflow.trace.spansLocation": "TRACKING_STORE" } },
  ]);
  expect(traces[0]?.trace_metadata["mlflow.trace.tokenUsage"]).toContain('"output_tokens": 4');
  const read = await hub.fetch(`/api/3.0/mlflow/traces/get?trace_id=${traceId}`);
  expect(whole.parse(await read.json()).trace.spans).toEqual([
    { name: "/v1/chat/completions", trace_id: Buffer.from(traceId.slice(3), "hex").toString("base64") },
  ]);
  expect(await hub.client.traces.get(id)).toMatchObject({ id, completion_tokens: 4 });
});
