import { exactDouble, exactInteger, isRawNumber, parseLargeIntegersAsText } from "../lossless-json.ts";
import { malformed } from "./malformed.ts";
import {
  emptyAttributes,
  maxAttributeDepth,
  unusualDouble,
  type Attributes,
  type AttributeValue,
  type Span,
} from "./span.ts";
import { storableText } from "../storage/storable-text.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The spans of an ExportTraceServiceRequest in OTLP's JSON: field names in lowerCamelCase (snake_case is
 * read too, as in all of protobuf's JSON), ids in hexadecimal, 64-bit integers as strings or numbers.
 *
 * @throws HearthError `invalid_request` naming the first field that does not fit.
 */
export function* decodeJson(text: string): Generator<Span, void, void> {
  const request = object(parse(text), "the body");
  for (const resourceSpans of list(request, "resourceSpans")) {
    const resource = attributes(object(field(resourceSpans, "resource") ?? {}, "resource"));
    for (const scopeSpans of list(resourceSpans, "scopeSpans")) {
      for (const span of list(scopeSpans, "spans")) yield readSpan(span, resource);
    }
  }
}

function parse(text: string): unknown {
  try {
    return parseLargeIntegersAsText(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw malformed(`the body is not JSON: ${reason.slice(0, 200)}`, error);
  }
}

function readSpan(span: Fields, resource: Attributes): Span {
  const status = object(field(span, "status") ?? {}, "status");
  return {
    traceId: id(span, "traceId", 32),
    spanId: id(span, "spanId", 16),
    parentSpanId: id(span, "parentSpanId", 16) || null,
    name: text(span, "name"),
    kind: enumValue(span, "kind", spanKinds),
    startTimeUnixNano: unsigned(span, "startTimeUnixNano"),
    endTimeUnixNano: unsigned(span, "endTimeUnixNano"),
    attributes: attributes(span),
    events: list(span, "events").map((event) => ({
      name: text(event, "name"),
      timeUnixNano: unsigned(event, "timeUnixNano"),
      attributes: attributes(event),
    })),
    links: list(span, "links").map((link) => ({
      traceId: id(link, "traceId", 32),
      spanId: id(link, "spanId", 16),
      attributes: attributes(link),
    })),
    status: { code: enumValue(status, "code", statusCodes), message: text(status, "message") },
    resource,
  };
}

const spanKinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (name) => `SPAN_KIND_${name}`,
);
const statusCodes = ["UNSET", "OK", "ERROR"].map((name) => `STATUS_CODE_${name}`);

function field(fields: Fields, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.hasOwn(fields, snake) ? fields[snake] : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

function object(value: unknown, what: string): Fields {
  if (!isObject(value)) throw malformed(`${what} is not an object`);
  return value;
}

function list(fields: Fields, name: string): Fields[] {
  const value = field(fields, name) ?? [];
  if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
  return value.map((item: unknown) => object(item, `an item of ${name}`));
}

function text(fields: Fields, name: string): string {
  const value = field(fields, name) ?? "";
  if (typeof value !== "string") throw malformed(`${name} is not a string`);
  return storableText(value);
}

function id(fields: Fields, name: string, digits: number): string {
  const value = field(fields, name) ?? "";
  if (value === "") return "";
  if (typeof value !== "string" || value.length !== digits || !/^[0-9a-f]*$/i.test(value))
    throw malformed(`${name} is not ${digits} hexadecimal digits`);
  return value.toLowerCase();
}

function enumValue(fields: Fields, name: string, names: readonly string[]): number {
  const value = field(fields, name) ?? 0;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  const index = typeof value === "string" ? names.indexOf(value) : -1;
  if (index === -1) throw malformed(`${name} is neither a number nor one of ${names.join(", ")}`);
  return index;
}

function unsigned(fields: Fields, name: string): bigint {
  const value = integer(field(fields, name) ?? 0, name);
  if (value < 0n) throw malformed(`${name} is negative`);
  return BigInt.asUintN(64, value);
}

function integer(value: unknown, what: string): bigint {
  const digits = isRawNumber(value) ? value.rawJSON : typeof value === "number" ? String(value) : value;
  if (typeof digits !== "string" || !/^[+-]?\d{1,20}$/.test(digits))
    throw malformed(`${what} is not a whole number of 64 bits`);
  return BigInt(digits);
}

function attributes(owner: Fields): Attributes {
  return keyValues(list(owner, "attributes"), 0);
}

function keyValues(entries: readonly Fields[], depth: number): Attributes {
  const result = emptyAttributes();
  for (const entry of entries) {
    const value = field(entry, "value");
    result[text(entry, "key")] =
      value === undefined || value === null
        ? null
        : anyValue(object(value, "the value of an attribute"), depth);
  }
  return result;
}

function anyValue(value: Fields, depth: number): AttributeValue {
  if (depth > maxAttributeDepth) throw malformed(`an attribute is nested deeper than ${maxAttributeDepth}`);
  const string = field(value, "stringValue");
  if (typeof string === "string") return storableText(string);
  const boolean = field(value, "boolValue");
  if (typeof boolean === "boolean") return boolean;
  const int = field(value, "intValue");
  if (int !== undefined) return exactInteger(BigInt.asIntN(64, integer(int, "intValue")));
  const double = field(value, "doubleValue");
  if (double !== undefined) return doubleValue(double);
  const array = field(value, "arrayValue");
  if (array !== undefined)
    return list(object(array, "arrayValue"), "values").map((item) => anyValue(item, depth + 1));
  const pairs = field(value, "kvlistValue");
  if (pairs !== undefined) return keyValues(list(object(pairs, "kvlistValue"), "values"), depth + 1);
  const bytes = field(value, "bytesValue");
  if (typeof bytes === "string") return storableText(bytes);
  if (Object.keys(value).length === 0) return null;
  throw malformed(`an attribute has no value that is known: ${Object.keys(value).join(", ").slice(0, 100)}`);
}

function doubleValue(given: unknown): AttributeValue {
  const value = isRawNumber(given) ? Number(given.rawJSON) : given;
  if (typeof value === "number" && Number.isFinite(value)) {
    if (isRawNumber(given) && /[.eE]/.test(given.rawJSON)) return given;
    return exactDouble(value);
  }
  const number = Number(value);
  if (typeof value !== "string" || (Number.isNaN(number) && value !== "NaN"))
    throw malformed("doubleValue is not a number");
  return unusualDouble(number) ?? doubleValue(number);
}
