import { setImmediate as nextTurn } from "node:timers/promises";
import { HearthError } from "../errors.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { decompress } from "./decompress.ts";
import { malformed } from "./malformed.ts";
import type { Span } from "./span.ts";

export { emptyAttributes, type Attributes, type AttributeValue, type Span } from "./span.ts";

/** The two encodings of OTLP over HTTP. */
export type Encoding = "protobuf" | "json";

/** After decompression. JSON is parsed in one go, so that its limit is also one on the time that takes. */
const maxBytes: Readonly<Record<Encoding, number>> = { protobuf: 64 * 2 ** 20, json: 8 * 2 ** 20 };
/** The most that may arrive, whatever the encoding. */
export const maxBodyBytes = 64 * 2 ** 20;
const maxSpans = 100_000;
const turnMilliseconds = 5;

/** The encoding that a Content-Type names; undefined for one that OTLP does not know. */
export function encodingOf(contentType: string): Encoding | undefined {
  const mediaType = contentType.split(";")[0]?.trim().toLowerCase();
  if (mediaType === "application/x-protobuf") return "protobuf";
  return mediaType === "application/json" ? "json" : undefined;
}

/**
 * The spans of an ExportTraceServiceRequest. Other work gets its turn every few milliseconds.
 *
 * @param contentEncoding gzip, deflate, or empty
 * @throws HearthError `invalid_request` for what is no OTLP, `too_large` for what is too much.
 */
export async function decodeTraces(
  body: Uint8Array,
  encoding: Encoding,
  contentEncoding: string,
  signal: AbortSignal,
): Promise<Span[]> {
  const limit = maxBytes[encoding];
  const bytes = await decompress(body, contentEncoding, limit);
  if (bytes.byteLength > limit) {
    throw new HearthError("too_large", `The body is larger than ${limit} bytes.`, { details: { limit } });
  }
  const decoded = encoding === "protobuf" ? decodeProtobuf(bytes) : decodeJson(utf8(bytes));
  const spans: Span[] = [];
  let turnEnds = performance.now() + turnMilliseconds;
  for (const span of decoded) {
    if (span.traceId === "" || span.spanId === "") throw malformed("a span has no trace_id or no span_id");
    spans.push(span);
    if (spans.length > maxSpans) throw malformed(`it has more than ${maxSpans} spans`);
    if (performance.now() > turnEnds) {
      await nextTurn(undefined, { signal });
      turnEnds = performance.now() + turnMilliseconds;
    }
  }
  return spans;
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed("the body is not UTF-8", error);
  }
}
