import { exactDouble, exactInteger } from "../lossless-json.ts";
import { malformed } from "./malformed.ts";
import {
  emptyAttributes,
  maxAttributeDepth,
  unusualDouble,
  type Attributes,
  type AttributeValue,
  type Span,
  type SpanEvent,
  type SpanLink,
} from "./span.ts";
import { storableText } from "../storage/storable-text.ts";
import { WireReader } from "./wire-reader.ts";

/**
 * The spans of an ExportTraceServiceRequest in protobuf, one after the other, so that the reader can pause
 * between two. Field numbers: opentelemetry-proto 1.x, `trace/v1/trace.proto` and `common/v1/common.proto`.
 *
 * @throws HearthError `invalid_request` at the first byte that does not fit.
 */
export function* decodeProtobuf(bytes: Uint8Array): Generator<Span, void, void> {
  const request = new WireReader(bytes);
  for (let field = request.nextField(); field !== 0; field = request.nextField()) {
    if (field === 1) yield* resourceSpans(request.message());
    else request.skip();
  }
}

function* resourceSpans(reader: WireReader): Generator<Span, void, void> {
  const scopes: WireReader[] = [];
  let resource = emptyAttributes();
  // The resource may come after its spans.
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) resource = readResource(reader.message());
    else if (field === 2) scopes.push(reader.message());
    else reader.skip();
  }
  for (const scope of scopes) {
    for (let field = scope.nextField(); field !== 0; field = scope.nextField()) {
      if (field === 2) yield readSpan(scope.message(), resource);
      else scope.skip();
    }
  }
}

function readResource(reader: WireReader): Attributes {
  const attributes = emptyAttributes();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) readAttribute(reader.message(), attributes);
    else reader.skip();
  }
  return attributes;
}

function readSpan(reader: WireReader, resource: Attributes): Span {
  const span: Span = {
    traceId: "",
    spanId: "",
    parentSpanId: null,
    name: "",
    kind: 0,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: emptyAttributes(),
    events: [],
    links: [],
    status: { code: 0, message: "" },
    resource,
  };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) span.traceId = readId(reader, 16, "trace_id");
    else if (field === 2) span.spanId = readId(reader, 8, "span_id");
    else if (field === 4) span.parentSpanId = readId(reader, 8, "parent_span_id") || null;
    else if (field === 5) span.name = storableText(reader.text());
    else if (field === 6) span.kind = Number(BigInt.asIntN(32, reader.varint()));
    else if (field === 7) span.startTimeUnixNano = reader.fixed64();
    else if (field === 8) span.endTimeUnixNano = reader.fixed64();
    else if (field === 9) readAttribute(reader.message(), span.attributes);
    else if (field === 11) span.events.push(readEvent(reader.message()));
    else if (field === 13) span.links.push(readLink(reader.message()));
    else if (field === 15) readStatus(reader.message(), span.status);
    else reader.skip();
  }
  return span;
}

function readEvent(reader: WireReader): SpanEvent {
  const event: SpanEvent = { name: "", timeUnixNano: 0n, attributes: emptyAttributes() };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) event.timeUnixNano = reader.fixed64();
    else if (field === 2) event.name = storableText(reader.text());
    else if (field === 3) readAttribute(reader.message(), event.attributes);
    else reader.skip();
  }
  return event;
}

function readLink(reader: WireReader): SpanLink {
  const link: SpanLink = { traceId: "", spanId: "", attributes: emptyAttributes() };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) link.traceId = readId(reader, 16, "trace_id of a link");
    else if (field === 2) link.spanId = readId(reader, 8, "span_id of a link");
    else if (field === 4) readAttribute(reader.message(), link.attributes);
    else reader.skip();
  }
  return link;
}

function readStatus(reader: WireReader, status: Span["status"]): void {
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 2) status.message = storableText(reader.text());
    else if (field === 3) status.code = Number(BigInt.asIntN(32, reader.varint()));
    else reader.skip();
  }
}

/** Empty stands for absent, as everywhere in protobuf. */
function readId(reader: WireReader, length: number, what: string): string {
  const bytes = reader.bytes();
  if (bytes.length !== 0 && bytes.length !== length)
    throw malformed(`a ${what} has ${bytes.length} bytes, not ${length}`);
  return bytes.toString("hex");
}

function readAttribute(reader: WireReader, into: Attributes, depth = 0): void {
  let key = "";
  let value: AttributeValue = null;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) key = storableText(reader.text());
    else if (field === 2) value = readValue(reader.message(), depth);
    else reader.skip();
  }
  into[key] = value;
}

function readValue(reader: WireReader, depth: number): AttributeValue {
  if (depth > maxAttributeDepth) throw malformed(`an attribute is nested deeper than ${maxAttributeDepth}`);
  let value: AttributeValue = null;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) value = storableText(reader.text());
    else if (field === 2) value = reader.varint() !== 0n;
    else if (field === 3) value = exactInteger(reader.int64());
    else if (field === 4) value = readDouble(reader);
    else if (field === 5) value = readArray(reader.message(), depth + 1);
    else if (field === 6) value = readKeyValueList(reader.message(), depth + 1);
    else if (field === 7) value = reader.bytes().toString("base64");
    else reader.skip();
  }
  return value;
}

function readDouble(reader: WireReader): AttributeValue {
  const value = reader.double();
  return unusualDouble(value) ?? exactDouble(value);
}

function readArray(reader: WireReader, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) values.push(readValue(reader.message(), depth));
    else reader.skip();
  }
  return values;
}

function readKeyValueList(reader: WireReader, depth: number): Attributes {
  const attributes = emptyAttributes();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) readAttribute(reader.message(), attributes, depth);
    else reader.skip();
  }
  return attributes;
}
