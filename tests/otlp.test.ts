import { randomBytes } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
let experiment: string;
beforeAll(async () => {
  hub = await TestHub.start();
  const created = await post("/api/2.0/mlflow/experiments/create", { name: "otlp" });
  experiment = z.object({ experiment_id: z.string() }).parse(await created.json()).experiment_id;
});
afterAll(() => hub[Symbol.asyncDispose]());

async function post(path: string, body: unknown): Promise<Response> {
  return await hub.fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function exportSpans(
  body: Uint8Array | string,
  headers: Record<string, string> = {},
  contentType = "application/x-protobuf",
): Promise<Response> {
  return await hub.fetch("/v1/traces", {
    method: "POST",
    headers: { "content-type": contentType, "x-mlflow-experiment-id": experiment, ...headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}

/** One field of protobuf whose value is bytes; shorter than 16 KB. */
function field(number: number, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const size = length < 128 ? [length] : [(length % 128) | 0x80, Math.floor(length / 128)];
  return Buffer.concat([Buffer.from([number * 8 + 2, ...size]), bytes]);
}

function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = number * 8 + 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}

const start = 1795244381542735504n;

/** An ExportTraceServiceRequest with one root span. */
function request(traceId: Buffer, name: string): Buffer {
  const span = Buffer.concat([
    field(1, traceId),
    field(2, Buffer.alloc(8, 7)),
    field(5, Buffer.from(name)),
    fixed64(7, start),
    fixed64(8, start + 5_000_001n),
  ]);
  return field(1, field(2, field(2, span)));
}

const runAnswer = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });
const newId = () => randomBytes(16);
const tracePath = (id: Buffer) => `/api/3.0/mlflow/traces/get?trace_id=tr-${id.toString("hex")}`;

describe("OTLP over HTTP", () => {
  test.each([
    ["", (bytes: Buffer) => bytes],
    ["gzip", (bytes: Buffer) => gzipSync(bytes)],
    ["deflate", (bytes: Buffer) => deflateSync(bytes)],
  ])("takes protobuf, %s", async (encoding, encode) => {
    const id = newId();
    const headers = encoding === "" ? {} : { "content-encoding": encoding };
    const answer = await exportSpans(encode(request(id, "sent")), headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/x-protobuf");
    expect((await answer.arrayBuffer()).byteLength).toBe(0);
    const text = await (await hub.fetch(tracePath(id))).text();
    expect(text).toContain(`"start_time_unix_nano":${start},"end_time_unix_nano":${start + 5_000_001n}`);
    expect(text).toContain(`"trace_id":"${id.toString("base64")}"`);
    expect(text).toContain('"execution_duration":"0.005s","state":"OK"');
  });

  test("takes JSON, times as texts or as numbers", async () => {
    for (const quote of ['"', ""]) {
      const id = newId();
      const span = `{"traceId":"${id.toString("hex")}","spanId":"${"07".repeat(8)}","name":"json",
        "startTimeUnixNano":${quote}${start}${quote},"endTimeUnixNano":${quote}${start + 1n}${quote},
        "attributes":[{"key":"big","value":{"intValue":${quote}${2n ** 62n}${quote}}},{"key":"d","value":{"doubleValue":1}}]}`;
      const answer = await exportSpans(
        `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`,
        {},
        "application/json; charset=utf-8",
      );
      expect([answer.status, await answer.json()]).toEqual([200, {}]);
      const text = await (await hub.fetch(tracePath(id))).text();
      expect(text).toContain(`"start_time_unix_nano":${start},"end_time_unix_nano":${start + 1n}`);
      expect(text).toContain(`{"int_value":${2n ** 62n}}`);
      expect(text).toContain('{"double_value":1.0}');
      const file = await hub.fetch(
        `/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-${id.toString("hex")}`,
      );
      expect(file.headers.get("content-disposition")).toContain("traces.json");
      expect(await file.text()).toContain(`"start_time_unix_nano":${start},`);
    }
  });

  test("answers mistakes as google.rpc.Status, in the encoding of the request", async () => {
    const garbage = await exportSpans(Buffer.from([0xff, 0xff]));
    expect(garbage.status).toBe(400);
    const status = Buffer.from(await garbage.arrayBuffer());
    expect(status.subarray(0, 2).toString("hex")).toBe("0803");
    expect(status.toString()).toContain("Invalid OpenTelemetry format");

    const json = "application/json";
    const cases: [number, number, () => Promise<Response>][] = [
      [400, 3, () => exportSpans("[]", {}, json)],
      [400, 3, () => exportSpans('{"resourceSpans":1}', {}, json)],
      [400, 3, () => exportSpans("x", {}, "text/plain")],
      [400, 3, () => exportSpans("{}", { "content-encoding": "br" }, json)],
      [400, 3, () => exportSpans("{}", { "content-encoding": "gzip" }, json)],
      [
        413,
        3,
        () => exportSpans(gzipSync(Buffer.alloc(9 * 2 ** 20, " ")), { "content-encoding": "gzip" }, json),
      ],
      [
        404,
        5,
        () =>
          exportSpans(
            `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${"1".repeat(32)}","spanId":"${"2".repeat(16)}"}]}]}]}`,
            { "x-mlflow-experiment-id": "987654" },
            json,
          ),
      ],
    ];
    for (const [httpStatus, code, send] of cases) {
      const answer = await send();
      expect([answer.status, await answer.json()]).toMatchObject([
        httpStatus,
        { code, message: expect.any(String) },
      ]);
    }
    const unnamed = await hub.fetch("/v1/traces", {
      method: "POST",
      headers: { "content-type": json },
      body: "{}",
    });
    expect([unnamed.status, await unnamed.text()]).toEqual([
      400,
      expect.stringContaining("x-mlflow-experiment-id"),
    ]);
    expect((await exportSpans("{}", {}, json)).status).toBe(200);
  });

  test("links traces to the run that a header names", async () => {
    const run = await post("/api/2.0/mlflow/runs/create", { experiment_id: experiment });
    const runId = runAnswer.parse(await run.json()).run.info.run_id;
    const id = newId();
    await exportSpans(request(id, "linked"), { "x-mlflow-run-id": runId });
    const found = await post("/api/3.0/mlflow/traces/search", {
      locations: [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experiment } }],
      filter: `run_id = '${runId}'`,
    });
    expect(await found.json()).toMatchObject({ traces: [{ trace_id: `tr-${id.toString("hex")}` }] });
    const warned = await exportSpans(request(newId(), "kept"), { "x-mlflow-run-id": "nope" });
    expect(warned.status).toBe(200);
    expect(Buffer.from(await warned.arrayBuffer()).toString()).toContain("Run with id=nope not found");
  });

  test("shows the spans of clients that store them as a file", async () => {
    const id = `tr-${newId().toString("hex")}`;
    const stored = await post("/api/3.0/mlflow/traces", {
      trace: {
        trace_info: {
          trace_id: id,
          trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experiment } },
          request_time: "2026-01-02T03:04:05.678Z",
          state: "OK",
        },
      },
    });
    expect(await stored.text()).toContain(`mlflow-artifacts:/${experiment}/traces/${id}/artifacts`);
    const file = '{"spans": [{"start_time_unix_nano": 1795244381542735504}]}';
    const put = async (name: string, body: string) =>
      await hub.fetch(`/api/2.0/mlflow-artifacts/artifacts/${experiment}/traces/${id}/artifacts/${name}`, {
        method: "PUT",
        body,
      });
    const read = (more = "") => hub.fetch(`/ajax-api/2.0/mlflow/get-trace-artifact?request_id=${id}${more}`);
    expect((await read()).status).toBe(404);
    expect((await put("traces.json", file)).status).toBe(200);
    expect(await (await read()).text()).toBe(file);
    await put("attachments/picture.png", "png");
    const picture = await read("&path=picture.png");
    expect([picture.headers.get("content-type"), await picture.text()]).toEqual(["image/png", "png"]);
    expect((await read("&path=../traces.json")).status).toBe(400);
    expect((await hub.fetch("/ajax-api/2.0/mlflow/get-trace-artifact")).status).toBe(400);
  });
});
