import fc from "fast-check";
import { expect, it } from "vitest";
import { emptyAttributes, type AttributeValue, type Span } from "../../otlp/otlp.ts";
import type { Database } from "../../storage/database.ts";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { addExperiment } from "../../storage/tests/samples.ts";
import { createTraces, type TraceRecord } from "../traces.ts";
import { createTracing, type NewAssessment, type StartTrace, type Tracing } from "./tracing.ts";

const second = 1_000_000_000n;
/** 2024-01-02T03:04:05Z */
const noonMs = 1_704_164_645_000;
const noon = BigInt(noonMs) * 1_000_000n;

function hexadecimal(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

interface SpanOptions {
  trace?: number;
  id?: number;
  parent?: number | null;
  name?: string;
  start?: bigint;
  end?: bigint;
  attributes?: Record<string, AttributeValue>;
  resource?: Record<string, AttributeValue>;
  status?: number;
}

function span(options: SpanOptions = {}): Span {
  const { trace = 1, id = 1, parent = null, name = "root", start = noon, end = noon + second } = options;
  return {
    traceId: hexadecimal(trace, 32),
    spanId: hexadecimal(id, 16),
    parentSpanId: parent === null ? null : hexadecimal(parent, 16),
    name,
    kind: 1,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: Object.assign(emptyAttributes(), options.attributes),
    events: [],
    links: [],
    status: { code: options.status ?? 1, message: "" },
    resource: Object.assign(emptyAttributes(), options.resource),
  };
}

const idOf = (trace: number) => `tr-${hexadecimal(trace, 32)}`;

function started(experimentId: string, options: Partial<StartTrace> = {}): StartTrace {
  return {
    id: idOf(1),
    experimentId,
    startedAt: noonMs,
    durationMs: 1500,
    state: "OK",
    clientRequestId: null,
    requestPreview: null,
    responsePreview: null,
    metadata: new Map(),
    tags: new Map(),
    assessments: [],
    ...options,
  };
}

const feedback: NewAssessment = {
  id: null,
  name: "good",
  kind: "feedback",
  value: true,
  error: null,
  source: { source_type: "HUMAN", source_id: "me" },
  span_id: null,
  rationale: null,
  metadata: null,
  overrides: null,
};

interface Room {
  tracing: Tracing;
  experiment: string;
  database: Database;
}

async function room(database: Database): Promise<Room> {
  const tracing = createTracing({ database, flushAnswers: () => Promise.resolve() });
  return { tracing, experiment: await addExperiment(database.db), database };
}

describeEachDatabase("traces", (open) => {
  const setUp = () => room(open().database);

  it("are the same whether their spans or their record come first", async () => {
    const { tracing, experiment } = await setUp();
    const tell = async (trace: number, first: "spans" | "record") => {
      const spans = () =>
        tracing.logSpans(experiment, [
          span({
            trace,
            attributes: { "mlflow.spanInputs": { q: 1 }, "mlflow.chat.tokenUsage": { input_tokens: 9 } },
            resource: { "service.name": "svc", "telemetry.sdk.name": "x", "mlflow.own": "y" },
          }),
          span({ trace, id: 2, parent: 1, name: "child" }),
        ]);
      const record = () =>
        tracing.startTrace(
          started(experiment, {
            id: idOf(trace),
            startedAt: noonMs + 3,
            metadata: new Map([
              ["mlflow.trace.tokenUsage", '{"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}'],
              ["mlflow.trace.session", "s"],
              ["k", "v"],
            ]),
            tags: new Map([
              ["mlflow.traceName", "ask"],
              ["t", "u"],
            ]),
            requestPreview: "told",
          }),
        );
      if (first === "spans") {
        await spans();
        await record();
      } else {
        await record();
        await spans();
      }
      const { info, spans: stored } = await tracing.trace(idOf(trace), false);
      return {
        ...info,
        id: "",
        tags: { ...info.tags, "mlflow.artifactLocation": "" },
        names: stored.map(({ name }) => name),
      };
    };
    const bySpans = await tell(1, "spans");
    expect(bySpans).toEqual(await tell(2, "record"));
    expect(bySpans).toMatchObject({
      started_at: noonMs + 3,
      duration_ms: 1500,
      state: "OK",
      request_preview: "told",
      metadata: {
        k: "v",
        "mlflow.trace.session": "s",
        "mlflow.trace.tokenUsage": '{"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}',
        "mlflow.trace.infoFinalized": "true",
      },
      tags: {
        t: "u",
        "mlflow.traceName": "ask",
        "mlflow.trace.spansLocation": "TRACKING_STORE",
        "service.name": "svc",
      },
      names: ["root", "child"],
    });
    expect(Object.keys(bySpans.tags)).not.toContain("telemetry.sdk.name");
    expect(Object.keys(bySpans.tags)).not.toContain("mlflow.own");
  });

  it("keep the nanoseconds and the numbers of their spans", async () => {
    const { tracing, experiment } = await setUp();
    await tracing.logSpans(experiment, [
      span({ start: 1795244381542735504n, end: 18446744073709551615n, attributes: { n: 7 } }),
    ]);
    const { spans } = await tracing.trace(idOf(1), true);
    expect(spans[0]).toMatchObject({
      start_time_unix_nano: "1795244381542735504",
      end_time_unix_nano: "18446744073709551615",
      attributes: { n: 7, "mlflow.traceRequestId": idOf(1) },
    });
  });

  it("grow with their spans: times, state, previews, tokens", async () => {
    const { tracing, experiment } = await setUp();
    const usage = (count: number) => ({
      "mlflow.chat.tokenUsage": { input_tokens: count, output_tokens: 0, total_tokens: count },
    });
    await tracing.logSpans(experiment, [
      span({ id: 3, parent: 2, start: noon + second, end: noon + 2n * second, attributes: usage(5) }),
    ]);
    expect(await tracing.traceInfo(idOf(1))).toMatchObject({
      state: "IN_PROGRESS",
      started_at: noonMs + 1000,
      duration_ms: 1000,
      metadata: { "mlflow.trace.tokenUsage": '{"input_tokens": 5, "output_tokens": 0, "total_tokens": 5}' },
    });
    // A parent that reports the sum speaks for its children; the same span again does not count twice.
    await tracing.logSpans(experiment, [span({ id: 2, parent: 1, attributes: usage(8) })]);
    await tracing.logSpans(experiment, [
      span({ id: 2, parent: 1, attributes: usage(8) }),
      span({ id: 4, parent: 1, attributes: usage(1) }),
      span({
        end: noon + 5n * second,
        status: 2,
        attributes: {
          "mlflow.spanInputs": { messages: [{ role: "user", content: "why?" }] },
          "mlflow.spanOutputs": "because",
          "mlflow.traceTag.colour": "red",
          "mlflow.traceTag.mlflow.traceName": "named",
          "user.id": "u",
          "session.id": "s",
        },
      }),
    ]);
    expect(await tracing.traceInfo(idOf(1))).toMatchObject({
      state: "ERROR",
      started_at: noonMs,
      duration_ms: 5000,
      request_preview: "why?",
      response_preview: '"because"',
      metadata: {
        "mlflow.trace.tokenUsage": '{"input_tokens": 9, "output_tokens": 0, "total_tokens": 9}',
        "mlflow.trace.user": "u",
        "mlflow.trace.session": "s",
      },
      tags: { colour: "red", "mlflow.traceName": "named" },
    });
  });

  it("may have thousands of spans", async () => {
    const { tracing, experiment } = await setUp();
    const usage = { "mlflow.chat.tokenUsage": { input_tokens: 2, output_tokens: 0, total_tokens: 2 } };
    const many = Array.from({ length: 1234 }, (_, index) =>
      span({
        id: index + 1,
        parent: index === 0 ? null : 1,
        end: noon + second,
        attributes: index === 0 ? {} : usage,
      }),
    );
    const finished = await tracing.logSpans(experiment, [
      span({ trace: 2 }),
      ...many,
      span({ trace: 3, parent: 9 }),
    ]);
    expect(finished).toEqual([idOf(1), idOf(2)]);
    const { info, spans } = await tracing.trace(idOf(1), false);
    expect(spans).toHaveLength(1234);
    expect(info).toMatchObject({ state: "OK", duration_ms: 1000 });
    expect(info.metadata["mlflow.trace.tokenUsage"]).toContain('"input_tokens": 2466');
    expect(await tracing.traceInfos([idOf(3), idOf(2)], null)).toHaveLength(2);
  });

  it("of other tracers are shown in MLflow's words", async () => {
    const { tracing, experiment } = await setUp();
    await tracing.logSpans(experiment, [
      span({
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.request.model": "ember",
          "gen_ai.provider.name": "hearth",
          "gen_ai.usage.input_tokens": 3,
          "gen_ai.usage.output_tokens": 4,
          "gen_ai.input.messages": '[{"role": "user", "content": "hi\\u0000"}]',
        },
      }),
    ]);
    const { spans, info } = await tracing.trace(idOf(1), false);
    expect(spans[0]?.attributes).toMatchObject({
      "mlflow.spanType": "CHAT_MODEL",
      "mlflow.llm.model": "ember",
      "mlflow.llm.provider": "hearth",
      "mlflow.chat.tokenUsage": { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
      "mlflow.spanInputs": [{ role: "user", content: "hi\u{FFFD}" }],
    });
    expect(info.metadata["mlflow.trace.tokenUsage"]).toContain('"total_tokens": 7');
    const found = await tracing.search({
      experimentIds: [experiment],
      filter: "span.attributes.`gen_ai.usage.input_tokens` = '3'",
      orderBy: [],
      limit: 5,
      offset: 0,
    });
    expect(found).toHaveLength(1);
  });

  it("refuse what has no place", async () => {
    const { tracing, experiment, database } = await setUp();
    const notFound = { code: "not_found" };
    await expect(tracing.logSpans("nowhere", [span()])).rejects.toMatchObject(notFound);
    await expect(tracing.startTrace(started("nowhere"))).rejects.toMatchObject(notFound);
    await expect(tracing.traceInfo("nope")).rejects.toMatchObject(notFound);
    await expect(tracing.trace("nope", true)).rejects.toMatchObject(notFound);
    await expect(tracing.setTag("nope", "k", "v")).rejects.toMatchObject(notFound);
    await expect(tracing.linkToRun([idOf(1)], "nope")).rejects.toMatchObject(notFound);
    await expect(tracing.linkPrompts("nope", [{ name: "p", version: "1" }])).rejects.toMatchObject(notFound);
    await expect(tracing.createAssessment("nope", feedback)).rejects.toMatchObject(notFound);
    const invalid = { code: "invalid_request" };
    await expect(tracing.startTrace(started(experiment, { id: "" }))).rejects.toMatchObject(invalid);
    await expect(
      tracing.startTrace(
        started(experiment, { metadata: new Map([["mlflow.trace.session", "s".repeat(251)]]) }),
      ),
    ).rejects.toMatchObject(invalid);
    await tracing.startTrace(started(experiment));
    await expect(tracing.trace(idOf(1), true)).rejects.toMatchObject(invalid);
    for (const key of ["", "x".repeat(251), "../up", "a//b", "mlflow.trace.spansLocation"]) {
      await expect(tracing.setTag(idOf(1), key, "v")).rejects.toMatchObject(invalid);
    }
    await database.db
      .updateTable("experiments")
      .set({ lifecycle_stage: "deleted" })
      .where("id", "=", experiment)
      .execute();
    await expect(tracing.startTrace(started(experiment))).rejects.toThrow("must be in the 'active' state");
  });

  it("wait for the spans that their client has announced", async () => {
    const { tracing, experiment } = await setUp();
    await tracing.startTrace(
      started(experiment, { metadata: new Map([["mlflow.trace.sizeStats", '{"num_spans": 2}']]) }),
    );
    await tracing.logSpans(experiment, [span()]);
    await expect(tracing.trace(idOf(1), false)).rejects.toThrow("not fully exported yet");
    expect((await tracing.trace(idOf(1), true)).spans).toHaveLength(1);
    expect(await tracing.wholeTraces([idOf(1)], null)).toEqual([]);
    await tracing.logSpans(experiment, [span({ id: 2, parent: 1 })]);
    expect((await tracing.trace(idOf(1), false)).spans).toHaveLength(2);
    expect(await tracing.wholeTraces([idOf(1)], [experiment])).toHaveLength(1);
    expect(await tracing.wholeTraces([idOf(1)], [])).toEqual([]);
  });

  it("are found by what is said of them, their spans and their assessments", async () => {
    const { tracing, experiment, database } = await setUp();
    await tracing.startTrace(
      started(experiment, {
        tags: new Map([
          ["mlflow.traceName", "ask"],
          ["colour", "red"],
        ]),
        metadata: new Map([
          ["k", "v"],
          ["mlflow.trace.session", "s"],
          ["mlflow.trace.tokenUsage", '{"input_tokens": 1}'],
        ]),
        clientRequestId: "c",
      }),
    );
    await tracing.startTrace(
      started(experiment, {
        id: idOf(2),
        startedAt: noonMs + 10,
        state: "ERROR",
        metadata: new Map([["mlflow.trace.session", "s"]]),
      }),
    );
    await tracing.logSpans(experiment, [
      span({ attributes: { unit: "kelvin", flag: true, "mlflow.spanType": "TOOL" } }),
      span({ id: 2, parent: 1, name: "inner", attributes: { unit: "metre", text: "Ünïcode" } }),
    ]);
    await database.db
      .insertInto("runs")
      .values({
        id: "run",
        experiment_id: experiment,
        name: "r",
        kind: "tracked",
        user_id: "",
        status: "RUNNING",
        lifecycle_stage: "active",
        started_at: 1,
        ended_at: null,
        deleted_at: null,
      })
      .execute();
    await tracing.linkToRun([idOf(2), "unknown"], "run");
    await tracing.linkToRun([idOf(2)], "run");
    await tracing.linkPrompts(idOf(1), [{ name: "p", version: "3" }]);
    await tracing.createAssessment(idOf(1), { ...feedback, value: 0.5 });
    await tracing.createAssessment(idOf(1), {
      ...feedback,
      name: "whole",
      value: "yes",
      metadata: { "mlflow.trace.session": "s" },
    });
    const search = async (filter: string, orderBy: string[] = ["timestamp_ms ASC"]) => {
      const found = await tracing.search({
        experimentIds: [experiment],
        filter,
        orderBy,
        limit: 10,
        offset: 0,
      });
      return found.map(({ id }) => Number(id.slice(3)));
    };
    const expected: [filter: string, traces: number[]][] = [
      ["", [1, 2]],
      ["status = 'ERROR'", [2]],
      ["name = 'ask'", [1]],
      ["tags.`mlflow.traceName` LIKE 'a%'", [1]],
      ["tag.colour = 'red' AND metadata.k = 'v'", [1]],
      ["tag.colour IS NULL", [2]],
      ["metadata.`mlflow.trace.session` = 's'", [1, 2]],
      [`metadata.\`mlflow.trace.tokenUsage\` = '{"input_tokens": 1}'`, [1]],
      [`metadata.\`mlflow.trace.tokenUsage\` = '{"input_tokens":1}'`, []],
      ["metadata.`mlflow.trace.tokenUsage` IS NULL", [2]],
      ["timestamp_ms > 1704164645000", [2]],
      ["end_time_ms >= 0 AND execution_time_ms = 1500", [1, 2]],
      ["client_request_id = 'c'", [1]],
      ["request_id IN ('x')", []],
      ["run_id = 'run'", [2]],
      ["prompt = 'p/3'", [1]],
      ["prompt = 'p/4'", []],
      ["span.name = 'inner'", [1]],
      ["span.type = 'TOOL' AND span.name = 'root'", [1]],
      ["span.type = 'TOOL' AND span.name = 'inner'", []],
      ["span.attributes.unit = 'kelvin'", [1]],
      ["span.attributes.unit RLIKE '^k.*n$'", [1]],
      ["span.attributes.flag = 'true'", [1]],
      ["span.attributes.unit = 'kelvin' AND span.name = 'inner'", []],
      ["trace.text LIKE '%Ünïcode%'", [1]],
      ["trace.text ILIKE '%KELVIN%'", [1]],
      ["feedback.good = '0.5'", [1]],
      ["feedback.good > 0.4", [1]],
      ["feedback.good >= 0.6", []],
      ["feedback.good IS NULL", [2]],
      ["feedback.whole = 'yes'", [1, 2]],
      ["expectation.good = '0.5'", []],
      ["issue.id = 'x'", []],
    ];
    for (const [filter, traces] of expected) expect([filter, await search(filter)]).toEqual([filter, traces]);
    expect(await search("", [])).toEqual([2, 1]);
    expect(await search("", ["name ASC"])).toEqual([1, 2]);
    expect(await search("", ["tag.colour DESC", "execution_time DESC"])).toEqual([1, 2]);
    expect(await search("", ["run_id ASC"])).toEqual([2, 1]);
    for (const wrong of [
      "nope = 'x'",
      "span.nope = 'x'",
      "trace.text = 'x'",
      "prompt = 'x'",
      "name = 'a' OR 1",
    ]) {
      await expect(search(wrong)).rejects.toMatchObject({ code: "invalid_request" });
    }
    await expect(search("", ["metadata.`mlflow.trace.cost`"])).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("are found page by page, also when every span has to be looked into", async () => {
    const { tracing, experiment } = await setUp();
    const other = await addExperiment(open().database.db);
    const spans = Array.from({ length: 450 }, (_, index) =>
      // Many begin in the same ms, where only the id tells the order.
      span({ trace: index + 1, start: noon + BigInt(index % 7) * second, name: index % 3 === 0 ? "a" : "b" }),
    );
    await tracing.logSpans(experiment, spans.slice(0, 300));
    await tracing.logSpans(other, spans.slice(300));
    const search = async (filter: string, limit: number, offset: number) => {
      const found = await tracing.search({
        experimentIds: [experiment, other, experiment],
        filter,
        orderBy: ["timestamp DESC"],
        limit,
        offset,
      });
      return found.map(({ id }) => id);
    };
    const all = await search("", 500, 0);
    const named = new Set(spans.filter(({ name }) => name === "a").map(({ traceId }) => `tr-${traceId}`));
    const expected = all.filter((id) => named.has(id));
    expect(expected).toHaveLength(150);
    const filter = "trace.text LIKE '%\"name\":\"a\"%' AND status = 'OK'";
    expect(await search(filter, 500, 0)).toEqual(expected);
    for (const [limit, offset] of [
      [7, 0],
      [7, 140],
      [20, 149],
      [5, 150],
    ] as const) {
      expect(await search(filter, limit, offset)).toEqual(expected.slice(offset, offset + limit));
    }
  });

  it("carry assessments that replace one another", async () => {
    const { tracing, experiment } = await setUp();
    const own: NewAssessment = { ...feedback, id: "a-own", metadata: { k: "v" }, created_at: 5 };
    await tracing.startTrace(started(experiment, { assessments: [own] }));
    await tracing.startTrace(started(experiment, { assessments: [own] }));
    expect((await tracing.traceInfo(idOf(1))).assessments).toMatchObject([
      { id: "a-own", value: true, valid: true, created_at: 5, metadata: { k: "v" } },
    ]);
    const second = await tracing.createAssessment(idOf(1), { ...feedback, value: 1, overrides: "a-own" });
    expect(second.id).toMatch(/^a-[0-9a-f]{32}$/);
    expect(await tracing.assessment(idOf(1), "a-own")).toMatchObject({ valid: false });
    const changed = await tracing.updateAssessment(idOf(1), "a-own", {
      feedback: { value: { list: [1, "\0"] }, error: { error_code: "E" } },
      metadata: { more: "w" },
      rationale: "because",
    });
    expect(changed).toMatchObject({
      value: { list: [1, "\u{FFFD}"] },
      error: { error_code: "E" },
      metadata: { k: "v", more: "w" },
      rationale: "because",
      valid: false,
    });
    await tracing.deleteAssessment(idOf(1), second.id);
    await tracing.deleteAssessment(idOf(1), second.id);
    expect(await tracing.assessment(idOf(1), "a-own")).toMatchObject({ valid: true });
    const invalid = { code: "invalid_request" };
    await expect(
      tracing.updateAssessment(idOf(1), "a-own", { expectation: { value: 1 } }),
    ).rejects.toMatchObject(invalid);
    await expect(tracing.createAssessment(idOf(1), { ...feedback, name: "" })).rejects.toMatchObject(invalid);
    await tracing.startTrace(started(experiment, { id: idOf(2) }));
    await expect(tracing.createAssessment(idOf(2), own)).rejects.toMatchObject(invalid);
    await expect(tracing.assessment(idOf(2), "a-own")).rejects.toMatchObject({ code: "not_found" });
    await expect(
      tracing.createAssessment(idOf(2), { ...feedback, overrides: "a-own" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("are deleted with all that is theirs, by id or by age", async () => {
    const { tracing, experiment, database } = await setUp();
    for (const trace of [1, 2, 3, 4]) {
      await tracing.logSpans(experiment, [span({ trace, start: noon + BigInt(trace) * second })]);
    }
    await tracing.createAssessment(idOf(1), feedback);
    const all = { experimentId: experiment, maxTimestamp: undefined, maxTraces: undefined, traceIds: [] };
    await expect(tracing.deleteTraces(all)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await tracing.deleteTraces({ ...all, experimentId: "other", traceIds: [idOf(1)] })).toBe(0);
    expect(await tracing.deleteTraces({ ...all, traceIds: [idOf(1), "unknown"] })).toBe(1);
    expect(await tracing.deleteTraces({ ...all, maxTimestamp: noonMs + 9000, maxTraces: 1 })).toBe(1);
    await expect(tracing.traceInfo(idOf(2))).rejects.toMatchObject({ code: "not_found" });
    expect(await tracing.deleteTraces({ ...all, maxTimestamp: noonMs + 3000 })).toBe(1);
    const spans = await database.db.selectFrom("spans").select("trace_id").execute();
    expect(spans).toEqual([{ trace_id: idOf(4) }]);
    expect(await database.db.selectFrom("assessments").select("id").execute()).toEqual([]);
  });

  it("give the numbers of many of them", async () => {
    const { tracing, experiment } = await setUp();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        async (durations, percentile) => {
          await tracing.deleteTraces({
            experimentId: experiment,
            maxTimestamp: Number.MAX_SAFE_INTEGER,
            maxTraces: undefined,
            traceIds: [],
          });
          for (const [index, durationMs] of durations.entries()) {
            const tags = new Map([["mlflow.traceName", "n"]]);
            await tracing.startTrace(started(experiment, { id: idOf(index + 1), durationMs, tags }));
          }
          const [point] = await tracing.metrics({
            experimentIds: [experiment],
            view: "TRACES",
            metric: "latency",
            aggregations: [
              { type: "PERCENTILE", percentile },
              { type: "AVG", percentile: null },
              { type: "MAX", percentile: null },
            ],
            dimensions: ["trace_name"],
            filters: ["trace.status = 'OK'"],
            intervalSeconds: undefined,
            startMs: undefined,
            endMs: undefined,
            limit: 10,
          });
          const sorted = durations.toSorted((a, b) => a - b);
          const place = (percentile / 100) * (sorted.length - 1);
          const lower = sorted[Math.floor(place)] ?? 0;
          const upper = sorted[Math.ceil(place)] ?? 0;
          const [found, average, largest] = Object.values(point?.values ?? {});
          expect(found).toBeCloseTo(lower + (upper - lower) * (place - Math.floor(place)), 3);
          expect(average).toBeCloseTo(sorted.reduce((sum, one) => sum + one, 0) / sorted.length, 6);
          expect(largest).toBe(sorted.at(-1));
          expect(point?.dimensions).toEqual({ trace_name: "n" });
        },
      ),
      { numRuns: 15 },
    );
  });

  it("give numbers by time, of spans and of assessments", async () => {
    const { tracing, experiment } = await setUp();
    await tracing.logSpans(experiment, [
      span(),
      span({ id: 2, parent: 1, name: "x", end: noon + 3n * second }),
    ]);
    await tracing.logSpans(experiment, [span({ trace: 2, start: noon + 3600n * second })]);
    await tracing.createAssessment(idOf(1), { ...feedback, value: "yes" });
    await tracing.createAssessment(idOf(1), { ...feedback, value: 0.5 });
    const ask = async (changes: Partial<Parameters<Tracing["metrics"]>[0]>) =>
      await tracing.metrics({
        experimentIds: [experiment],
        view: "TRACES",
        metric: "trace_count",
        aggregations: [{ type: "COUNT", percentile: null }],
        dimensions: [],
        filters: [],
        intervalSeconds: undefined,
        startMs: undefined,
        endMs: undefined,
        limit: 100,
        ...changes,
      });
    const hourly = { intervalSeconds: 3600, startMs: 0, endMs: noonMs * 2 };
    expect(await ask(hourly)).toEqual([
      {
        metric: "trace_count",
        dimensions: { time_bucket: "2024-01-02T03:00:00+00:00" },
        values: { COUNT: 1 },
      },
      {
        metric: "trace_count",
        dimensions: { time_bucket: "2024-01-02T04:00:00+00:00" },
        values: { COUNT: 1 },
      },
    ]);
    const spans = { view: "SPANS", metric: "span_count", dimensions: ["span_name"] } as const;
    expect(
      (await ask(spans)).map(({ dimensions, values }) => [dimensions["span_name"], values["COUNT"]]),
    ).toEqual([
      ["root", 2],
      ["x", 1],
    ]);
    expect(await ask({ ...spans, filters: ["span.name = 'x'"], dimensions: [] })).toMatchObject([
      { values: { COUNT: 1 } },
    ]);
    const said = {
      view: "ASSESSMENTS",
      metric: "assessment_value",
      dimensions: ["assessment_name"],
    } as const;
    expect(await ask({ ...said, aggregations: [{ type: "AVG", percentile: null }] })).toEqual([
      { metric: "assessment_value", dimensions: { assessment_name: "good" }, values: { AVG: 0.75 } },
    ]);
    expect(await ask({ metric: "session_count" })).toEqual([
      { metric: "session_count", dimensions: {}, values: { COUNT: 0 } },
    ]);
    for (const wrong of [
      { metric: "nope" },
      { aggregations: [{ type: "SUM", percentile: null }] as const },
      { dimensions: ["span_name"] },
      { filters: ["span.name = 'x'"] },
      { filters: ["trace.status = 'OK' AND trace.status = 'OK'"] },
      { intervalSeconds: 60 },
    ]) {
      await expect(ask(wrong)).rejects.toMatchObject({ code: "invalid_request" });
    }
  });

  it("say how much two filters mean the same", async () => {
    const { tracing, experiment } = await setUp();
    for (const trace of [1, 2, 3, 4]) {
      await tracing.logSpans(experiment, [
        span({ trace, name: trace < 3 ? "a" : "b", status: trace < 3 ? 2 : 1 }),
      ]);
    }
    const correlate = (first: string, other: string) =>
      tracing.correlate([experiment], [first, other], "timestamp_ms > 0");
    expect(await correlate("status = 'ERROR'", "span.name = 'a'")).toMatchObject({
      npmi: 1,
      filter1Count: 2,
      filter2Count: 2,
      jointCount: 2,
      totalCount: 4,
    });
    expect((await correlate("status = 'ERROR'", "span.name = 'b'")).npmi).toBe(-1);
    expect((await correlate("status = 'ERROR'", "span.name = 'c'")).npmi).toBeNaN();
  });

  it("take two writers of one trace at a time", async () => {
    const { tracing, experiment } = await setUp();
    const usage = { "mlflow.chat.tokenUsage": { input_tokens: 1, output_tokens: 0, total_tokens: 1 } };
    await Promise.all([
      tracing.startTrace(started(experiment, { tags: new Map([["t", "u"]]) })),
      ...Array.from({ length: 8 }, (_, index) =>
        tracing.logSpans(experiment, [
          span({ id: index + 1, attributes: usage }),
          span({ trace: 2, id: index + 1 }),
        ]),
      ),
    ]);
    const { info, spans } = await tracing.trace(idOf(1), false);
    expect(spans).toHaveLength(8);
    expect(info).toMatchObject({ duration_ms: 1500, tags: { t: "u" } });
    expect(info.metadata["mlflow.trace.tokenUsage"]).toContain('"input_tokens": 8');
  });
});

describeEachDatabase("answers of the hub", (open) => {
  it("are traces of their model's experiment", async () => {
    const { database } = open();
    const experiment = await addExperiment(database.db);
    await database.db
      .insertInto("models")
      .values({
        id: "m",
        name: "ember",
        task_type: "chat",
        description: "",
        base_model: null,
        experiment_id: experiment,
        created_at: 1,
        updated_at: 1,
      })
      .execute();
    await using traces = createTraces({ database, onWriteFailed: () => expect.unreachable() });
    const tracing = createTracing({ database, flushAnswers: () => traces.flush() });
    const record: TraceRecord = {
      endpoint: "/v1/chat/completions",
      model: "ember",
      version: 2,
      version_id: "v",
      run_id: "run",
      artifact_sha256: "sha",
      status: "ok",
      finish_reason: "stop",
      error_code: null,
      prompt_tokens: 10,
      cached_tokens: 4,
      completion_tokens: 5,
      ttft_ms: 12.5,
      latency_ms: 40,
      created_at: noonMs,
    };
    const id = traces.record(record);
    traces.record({ ...record, status: "cancelled", error_code: "cancelled", created_at: noonMs + 1 });
    const found = await tracing.search({
      experimentIds: [experiment],
      filter: "metadata.`hearth.modelVersion` = 'ember:2' AND run_id = 'run' AND span.type = 'CHAT_MODEL'",
      orderBy: [],
      limit: 10,
      offset: 0,
    });
    expect(found.map(({ state }) => state)).toEqual(["ERROR", "OK"]);
    expect(found[1]).toMatchObject({
      id: `tr-${id.replaceAll("-", "")}`,
      started_at: noonMs - 40,
      duration_ms: 40,
      metadata: { "mlflow.sourceRun": "run" },
    });
    expect(found[1]?.metadata["mlflow.trace.tokenUsage"]).toBe(
      '{"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "cache_read_input_tokens": 4}',
    );
    const { spans } = await tracing.trace(found[1]?.id ?? "", false);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      name: "/v1/chat/completions",
      start_time_unix_nano: String(noon - 40_000_000n),
      events: [{ name: "first token", time_unix_nano: String(noon - 27_500_000n) }],
    });
    expect((await traces.get(id)).id).toBe(id);
    await tracing.deleteTraces({
      experimentId: experiment,
      maxTimestamp: noonMs,
      maxTraces: undefined,
      traceIds: [],
    });
    expect((await traces.list({ page: 1, page_size: 10 })).total).toBe(0);
  });
});
