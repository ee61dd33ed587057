import type { RawNumber } from "../lossless-json.ts";

/**
 * The value of an attribute, ready for JSON.stringify. Numbers say whether they are integers or doubles
 * (`1` and `1.0`); bytes are base64; NaN and infinities are the strings that protobuf's JSON has for them.
 */
export type AttributeValue =
  | string
  | boolean
  | number
  | RawNumber
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue };

export type Attributes = Record<string, AttributeValue>;

export interface SpanEvent {
  name: string;
  timeUnixNano: bigint;
  attributes: Attributes;
}

export interface SpanLink {
  /** Hexadecimal, as are all ids. */
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

/** A span of OpenTelemetry; times in ns since the epoch. */
export interface Span {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  /** Null for the root of a trace. */
  parentSpanId: string | null;
  name: string;
  kind: number;
  startTimeUnixNano: bigint;
  /** 0 when the span has not ended. */
  endTimeUnixNano: bigint;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  status: { code: number; message: string };
  /** Of the process that made the span. */
  resource: Attributes;
}

/** Attributes of any name, `__proto__` too. */
export function emptyAttributes(): Attributes {
  return Object.create(null) as Attributes;
}

/** Protobuf's JSON has strings for the doubles that JSON has not. */
export function unusualDouble(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "Infinity";
  return value === -Infinity ? "-Infinity" : undefined;
}

/** Deeper values are refused: what follows would recurse as deep. */
export const maxAttributeDepth = 64;
