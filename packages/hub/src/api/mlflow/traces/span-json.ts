import { setImmediate as nextTurn } from "node:timers/promises";
import { isInteger, isRawNumber, rawNumber, spacedJson } from "../../../lossless-json.ts";
import type { Attributes, AttributeValue } from "../../../otlp/otlp.ts";
import type { SpanContent } from "../../../tracking/tracing/tracing.ts";
import { compact } from "../compact.ts";

const turnMilliseconds = 5;

/** The spans as a JSON list, each in the form that `present` gives it; other work gets its turn in between. */
export async function spanList(
  spans: readonly SpanContent[],
  present: (span: SpanContent) => object,
): Promise<string> {
  const texts: string[] = [];
  let turnEnds = performance.now() + turnMilliseconds;
  for (const span of spans) {
    texts.push(JSON.stringify(present(span)));
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + turnMilliseconds;
  }
  return `[${texts.join(",")}]`;
}

/** OpenTelemetry's message in protobuf's JSON, but for the times: MLflow's clients get them as numbers. */
export function protobufSpan(span: SpanContent): object {
  return compact({
    trace_id: base64(span.trace_id),
    span_id: base64(span.span_id),
    parent_span_id: span.parent_span_id === null ? null : base64(span.parent_span_id),
    name: span.name,
    start_time_unix_nano: rawNumber(span.start_time_unix_nano),
    end_time_unix_nano: span.end_time_unix_nano === null ? null : rawNumber(span.end_time_unix_nano),
    attributes: keyValues(span.attributes),
    events: span.events.map((event) =>
      compact({
        time_unix_nano: rawNumber(event.time_unix_nano),
        name: event.name,
        attributes: keyValues(event.attributes),
      }),
    ),
    links: span.links.map((link) =>
      compact({
        trace_id: base64(link.trace_id.replace(/^tr-/, "")),
        span_id: base64(link.span_id),
        attributes: keyValues(link.attributes),
      }),
    ),
    status: compact({
      message: span.status.message === "" ? null : span.status.message,
      code: span.status.code === "STATUS_CODE_UNSET" ? null : span.status.code,
    }),
  });
}

/** What the Python client stores as `traces.json`: attributes are JSON texts. */
export function artifactSpan(span: SpanContent): object {
  return {
    trace_id: base64(span.trace_id),
    span_id: base64(span.span_id),
    parent_span_id: span.parent_span_id === null ? null : base64(span.parent_span_id),
    name: span.name,
    start_time_unix_nano: rawNumber(span.start_time_unix_nano),
    end_time_unix_nano: span.end_time_unix_nano === null ? null : rawNumber(span.end_time_unix_nano),
    events: span.events.map((event) => ({ ...event, time_unix_nano: rawNumber(event.time_unix_nano) })),
    status: span.status,
    attributes: Object.fromEntries(
      Object.entries(span.attributes).map(([name, value]) => [name, spacedJson(value)]),
    ),
    links: span.links,
  };
}

function base64(hexadecimal: string): string {
  return Buffer.from(hexadecimal, "hex").toString("base64");
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** `AnyValue` of OpenTelemetry; null is one that is not set. */
function anyValue(value: AttributeValue): object {
  if (value === null) return {};
  if (typeof value === "string") return { string_value: value };
  if (typeof value === "boolean") return { bool_value: value };
  if (typeof value === "number" || isRawNumber(value))
    return isInteger(value) ? { int_value: value } : { double_value: value };
  if (Array.isArray(value)) return { array_value: compact({ values: value.map(anyValue) }) };
  return { kvlist_value: compact({ values: keyValues(value) }) };
}
