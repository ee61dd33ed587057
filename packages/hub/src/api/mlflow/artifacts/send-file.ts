import { pipeline } from "node:stream/promises";
import { HearthError } from "../../../errors.ts";
import type { OpenFile } from "../../../artifacts/tree/tree.ts";
import { byteRange } from "./byte-range.ts";
import type { Call } from "../../operation.ts";

/** Bytes a read: large enough that the disk and the socket set the pace, small enough to stay in the caches. */
const chunkBytes = 512 * 1024;

/**
 * Answers with a file, as an attachment, and closes it: whole, one range of it (206), or only its header for
 * HEAD and for a client that has it already (304); 416 for a range that it does not have. The bytes go from the
 * disk to the socket, a few hundred KiB in memory at a time.
 */
export async function sendFile(
  file: OpenFile,
  contentType: string,
  { request, requestId, exchange, signal }: Call,
): Promise<Response> {
  await using _ = file.handle;
  const etag = `"${file.tag}"`;
  const lastModified = new Date(Math.floor(file.modifiedAt / 1000) * 1000).toUTCString();
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": "no-cache",
    "content-disposition": attachment(file.name),
    "content-type": contentType,
    etag,
    "last-modified": lastModified,
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
  });
  if (isKnown(request.headers, etag, lastModified)) return new Response(null, { status: 304, headers });

  const ifRange = request.headers.get("if-range");
  const asked =
    ifRange === null || ifRange === etag || ifRange === lastModified ? request.headers.get("range") : null;
  const range = byteRange(asked, file.size);
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${file.size}`);
    return Response.json(
      {
        error_code: "INVALID_PARAMETER_VALUE",
        message: `The file has ${file.size} bytes; ${asked} is not in it.`,
      },
      { status: 416, headers: { "content-range": `bytes */${file.size}` } },
    );
  }
  const status = range === null ? 200 : 206;
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  headers.set("content-length", String(end - start + 1));
  if (range !== null) headers.set("content-range", `bytes ${start}-${end}/${file.size}`);
  if (request.method === "HEAD" || end < start) return new Response(null, { status, headers });
  if (exchange === null) throw new HearthError("internal", "A file can only be sent over a connection.");

  const { outgoing } = exchange;
  outgoing.writeHead(status, Object.fromEntries(headers));
  const bytes = file.handle.createReadStream({ start, end, highWaterMark: chunkBytes });
  try {
    await pipeline(bytes, outgoing, { signal });
  } catch (error) {
    // The header is sent: all that can be said now is that the connection ends early.
    outgoing.destroy();
    if (!isGone(error)) throw error;
    return alreadySent(499);
  }
  return alreadySent(status);
}

/** Tells the server that the answer is on the wire; the status is for the log. */
function alreadySent(status: number): Response {
  const response = new Response(null, { status, headers: { "x-hono-already-sent": "true" } });
  // The server has a quick way for responses that nobody has looked into, which would miss this header.
  void response.body;
  return response;
}

function isKnown(request: Headers, etag: string, lastModified: string): boolean {
  const tags = request.get("if-none-match");
  if (tags !== null)
    return tags.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
  return request.get("if-modified-since") === lastModified;
}

/** Whoever reads the answer went away, or the hub stops. */
function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "AbortError") return true;
  return (
    "code" in error && ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"].includes(String(error.code))
  );
}

/** RFC 6266: a plain name, and beside it the true one where that is not ASCII. */
function attachment(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/[^\x20-\x7E]/g, "")
    .replaceAll(/["\\]/g, String.raw`\$&`);
  const quoted = /^[\w!#$&+.^`|~-]+$/.test(plain) ? plain : `"${plain === "" ? "download" : plain}"`;
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7F]*$/.test(name)) return `attachment; filename=${quoted}`;
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename=${quoted}; filename*=UTF-8''${encoded}`;
}
