import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { pythonWith } from "../peers/python-peer.ts";
import { TestHub } from "../test-hub.ts";
import { runChecks } from "./python-checks.ts";

/**
 * MLflow's TypeScript SDK (mlflow-tracing 0.1) is not on the package index that we install from,
 * so its requests are sent here one by one, in the order and form in which it sends them.
 */
const python = await pythonWith("mlflow");

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub[Symbol.asyncDispose]());

const traceAnswer = z.object({
  trace: z.object({
    trace_info: z.looseObject({
      trace_id: z.string(),
      state: z.string(),
      tags: z.record(z.string(), z.string()),
      trace_metadata: z.record(z.string(), z.string()),
    }),
  }),
});

async function answer<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  expect(response.status).toBe(200);
  return schema.parse(await response.json());
}

test("a trace of the TypeScript SDK is stored, read back by it and by the Python client", async () => {
  const { experiment_id } = await answer(
    await hub.post("/api/2.0/mlflow/experiments/create", { name: "from TypeScript" }),
    z.object({ experiment_id: z.string() }),
  );
  const id = randomBytes(16);
  const traceId = `tr-${id.toString("hex")}`;
  const { trace } = await answer(
    await hub.post("/api/3.0/mlflow/traces", {
      trace: {
        trace_info: {
          trace_id: traceId,
          trace_location: {
            type: "MLFLOW_EXPERIMENT",
            mlflow_experiment: { experiment_id },
          },
          request_time: "2025-06-01T12:00:00.000Z",
          execution_duration: "0.25s",
          state: "OK",
          request_preview: '{"city":"Oslo"}',
          response_preview: '"cold"',
          trace_metadata: { "mlflow.trace_schema.version": "3" },
          tags: { "mlflow.traceName": "weather" },
          assessments: [],
        },
      },
    }),
    traceAnswer,
  );
  const location = trace.trace_info.tags["mlflow.artifactLocation"] ?? "";
  expect(location).toBe(`mlflow-artifacts:/${experiment_id}/traces/${traceId}/artifacts`);

  // Times are integers of 19 digits, which JSON.stringify cannot write.
  const spans = `{"spans":[{"trace_id":"${id.toString("base64")}","span_id":"AAAAAAAAAAE=","parent_span_id":"",
    "name":"weather","start_time_unix_nano":1748779200000000001,"end_time_unix_nano":1748779200250000003,
    "status":{"code":"STATUS_CODE_OK","message":""},"events":[],
    "attributes":{"mlflow.traceRequestId":"\\"${traceId}\\"","mlflow.spanType":"\\"TOOL\\"",
    "mlflow.spanInputs":"{\\"city\\":\\"Oslo\\"}","mlflow.spanOutputs":"\\"cold\\""}}]}`;
  const file = `/api/2.0/mlflow-artifacts/artifacts${new URL(location).pathname}/traces.json`;
  const sent = await hub.fetch(file, {
    method: "PUT",
    body: spans,
    headers: { "content-type": "application/json" },
  });
  expect(sent.status).toBe(200);

  const found = await answer(await hub.fetch(`/api/3.0/mlflow/traces/${traceId}`), traceAnswer);
  expect(found.trace.trace_info).toMatchObject({
    state: "OK",
    request_preview: '{"city":"Oslo"}',
    tags: { "mlflow.traceName": "weather" },
  });
  expect(await (await hub.fetch(file)).text()).toBe(spans);

  if (python === undefined) return;
  const { passed, failed } = await runChecks(python, "foreign_trace", hub.url, { TRACE_ID: traceId });
  expect(failed).toEqual({});
  expect(passed).toHaveLength(1);
});
