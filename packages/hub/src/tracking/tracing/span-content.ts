import { isRawNumber, parseLossless } from "../../lossless-json.ts";
import type { Attributes, AttributeValue, Span } from "../../otlp/otlp.ts";
import type { SpanTable } from "../../storage/tables/traces.ts";
import { attributeNames, traceIdOf } from "./names.ts";
import { withMlflowAttributes } from "./semantic-conventions.ts";
import type { Amounts } from "./usage.ts";

/**
 * A span as it is stored. Ids are hexadecimal; times are ns since the epoch in decimal digits, because a
 * number would not hold them; the attributes are plain JSON, so that searches can look into them.
 */
export interface SpanContent {
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  name: string;
  kind: number;
  start_time_unix_nano: string;
  /** Null while the span runs. */
  end_time_unix_nano: string | null;
  status: { code: StatusCode; message: string };
  attributes: Attributes;
  events: { name: string; time_unix_nano: string; attributes: Attributes }[];
  /** `trace_id` with its `tr-`. */
  links: { trace_id: string; span_id: string; attributes: Attributes }[];
}

export type StatusCode = "STATUS_CODE_UNSET" | "STATUS_CODE_OK" | "STATUS_CODE_ERROR";

const statuses = ["UNSET", "OK", "ERROR"] as const;

/** A row of `spans`, but for the experiment; with what the trace needs of it. */
export interface SpanRow {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  name: string;
  type: string | null;
  status: SpanTable["status"];
  startNs: bigint;
  endNs: bigint | null;
  modelName: string | null;
  modelProvider: string | null;
  tokenUsage: Amounts | null;
  cost: Amounts | null;
  attributes: Attributes;
  /** As they came. */
  givenAttributes: Attributes;
  resource: Attributes;
  content: string;
}

const maxModelLength = 500;

/** Brings a span of OpenTelemetry into the form that is stored. */
export function toSpanRow(span: Span): SpanRow {
  const traceId = traceIdOf(span.traceId);
  const attributes = withMlflowAttributes(span.attributes);
  attributes[attributeNames.traceId] = traceId;
  const status = statuses[span.status.code] ?? "UNSET";
  const endNs = span.endTimeUnixNano === 0n ? null : span.endTimeUnixNano;
  const content: SpanContent = {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    start_time_unix_nano: span.startTimeUnixNano.toString(),
    end_time_unix_nano: endNs === null ? null : endNs.toString(),
    status: { code: `STATUS_CODE_${status}`, message: span.status.message },
    attributes,
    events: span.events.map((event) => ({
      name: event.name,
      time_unix_nano: event.timeUnixNano.toString(),
      attributes: event.attributes,
    })),
    links: span.links.map((link) => ({
      trace_id: traceIdOf(link.traceId),
      span_id: link.spanId,
      attributes: link.attributes,
    })),
  };
  return {
    traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    type: textAttribute(attributes, attributeNames.spanType),
    status,
    startNs: sortable(span.startTimeUnixNano),
    endNs: endNs === null ? null : sortable(endNs),
    modelName: textAttribute(attributes, attributeNames.model)?.slice(0, maxModelLength) ?? null,
    modelProvider: textAttribute(attributes, attributeNames.modelProvider)?.slice(0, maxModelLength) ?? null,
    tokenUsage: amountsAttribute(attributes, attributeNames.tokenUsage),
    cost: amountsAttribute(attributes, attributeNames.cost),
    attributes,
    givenAttributes: span.attributes,
    resource: span.resource,
    content: JSON.stringify(content),
  };
}

/** What {@link toSpanRow} has stored. */
export function parseSpanContent(content: string): SpanContent {
  return parseLossless(content) as SpanContent;
}

/** OpenTelemetry's times are unsigned, the databases' integers are not; the content keeps them as they are. */
function sortable(nanoseconds: bigint): bigint {
  const largest = 2n ** 63n - 1n;
  return nanoseconds > largest ? largest : nanoseconds;
}

/** An attribute that may also be a JSON text. */
export function attributeOf(attributes: Attributes, name: string): AttributeValue | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

export function textAttribute(attributes: Attributes, name: string): string | null {
  const value = attributeOf(attributes, name);
  return typeof value === "string" ? value : null;
}

function amountsAttribute(attributes: Attributes, name: string): Amounts | null {
  let value: unknown = attributeOf(attributes, name);
  if (typeof value === "string") {
    try {
      value = JSON.parse(value);
    } catch {
      // Not ours to judge: the attribute stays as it is, the sums leave it out.
      return null;
    }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || isRawNumber(value)) return null;
  const amounts = Object.entries(value).flatMap(([key, amount]: [string, unknown]) => {
    const number = isRawNumber(amount) ? Number(amount.rawJSON) : amount;
    return typeof number === "number" && Number.isFinite(number) ? [[key, number] as const] : [];
  });
  return amounts.length === 0 ? null : Object.fromEntries(amounts);
}
