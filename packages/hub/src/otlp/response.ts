import type { Encoding } from "./otlp.ts";

/** What an export answers when some spans were refused: OTLP calls it partial success. */
export interface PartialSuccess {
  rejectedSpans: number;
  errorMessage: string;
}

/** The ExportTraceServiceResponse of a request, in the request's own encoding. Empty when all went well. */
export function exportResponse(encoding: Encoding, partial: PartialSuccess | null): Response {
  if (encoding === "json") {
    // 64-bit integers are strings in protobuf's JSON.
    const partialSuccess = partial && {
      rejectedSpans: String(partial.rejectedSpans),
      errorMessage: partial.errorMessage,
    };
    return Response.json(partialSuccess === null ? {} : { partialSuccess });
  }
  const message =
    partial === null
      ? Buffer.alloc(0)
      : bytesField(
          1,
          Buffer.concat([varintField(1, partial.rejectedSpans), textField(2, partial.errorMessage)]),
        );
  return protobufResponse(message, 200);
}

/** A failed export: google.rpc.Status, whose `code` is one of gRPC's. */
export function statusResponse(
  encoding: Encoding,
  httpStatus: number,
  status: { code: number; message: string },
  headers: Record<string, string> = {},
): Response {
  if (encoding === "json") return Response.json(status, { status: httpStatus, headers });
  const message = Buffer.concat([varintField(1, status.code), textField(2, status.message)]);
  return protobufResponse(message, httpStatus, headers);
}

function protobufResponse(message: Buffer, status: number, headers: Record<string, string> = {}): Response {
  return new Response(new Uint8Array(message), {
    status,
    headers: { ...headers, "content-type": "application/x-protobuf" },
  });
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function varintField(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text));
}
