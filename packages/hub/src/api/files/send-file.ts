import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { HearthError } from "../../errors.ts";
import type { OpenFile } from "../../artifacts/tree/tree.ts";
import { byteRange, type ByteRange } from "./byte-range.ts";
import type { Call } from "../operation.ts";

/** Bytes a read: large enough that the disk and the socket set the pace, small enough to stay in the caches. */
const chunkBytes = 512 * 1024;

/**
 * Answers with a file, as an attachment, and closes it: whole, one range of it (206), or only its header for
 * HEAD and for a client that has it already (304); 416 for a range that it does not have. Every beginning of an
 * empty file is the whole of it. The bytes go from the
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
    // Whoever wrote the file must not act as the hub: should a browser open it all the same, nothing of it runs.
    "content-security-policy": "default-src 'none'; sandbox",
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
  const range = file.size === 0 ? null : byteRange(asked, file.size);
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
  try {
    await sendBytes(file.handle, outgoing, { start, end }, signal);
  } catch (error) {
    // The header is sent: all that can be said now is that the connection ends early.
    const gone = signal.aborted || outgoing.destroyed;
    outgoing.destroy();
    if (!gone && !isGone(error)) throw error;
    return alreadySent(499);
  }
  return alreadySent(status);
}

/**
 * Sends a part of a file and ends the answer. Two buffers take turns, one being read while the other is sent: with
 * a new one for every read, the garbage collector would do most of the work of a download.
 */
async function sendBytes(
  handle: FileHandle,
  outgoing: ServerResponse,
  { start, end }: ByteRange,
  signal: AbortSignal,
): Promise<void> {
  const sent = finished(outgoing, { signal });
  // What comes after the first failure says nothing new.
  outgoing.on("error", () => undefined);
  // It is waited for below; until then its failure must not count as unheard.
  sent.catch(() => undefined);
  const buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)] as const;
  let written: Promise<void> | undefined;
  let position = start;
  for (let turn = 0; position <= end; turn += 1) {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, end - position + 1), position);
    if (bytesRead === 0) throw new HearthError("internal", "A file became shorter while it was sent.");
    position += bytesRead;
    if (written !== undefined) await Promise.race([written, sent]);
    signal.throwIfAborted();
    written = write(outgoing, buffer.subarray(0, bytesRead));
    written.catch(() => undefined);
  }
  if (written !== undefined) await Promise.race([written, sent]);
  outgoing.end();
  await sent;
}

/** Resolves when the buffer may be used again. */
function write(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
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
    "code" in error &&
    ["ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED", "ECANCELED", "ECONNRESET", "EPIPE"].includes(
      String(error.code),
    )
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
