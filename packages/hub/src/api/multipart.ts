import { HearthError } from "../errors.ts";

/** One part of `multipart/form-data`. Its bytes must be read to their end before the next part is asked for. */
export interface Part {
  /** Name of the form's field. */
  field: string;
  /** Null for a plain value. */
  fileName: string | null;
  bytes: AsyncGenerator<Uint8Array, void, void>;
}

const headerLimit = 16 * 2 ** 10;
const lineEnd = Buffer.from("\r\n");
const headerEnd = Buffer.from("\r\n\r\n");

/**
 * Reads `multipart/form-data` (RFC 7578) as it comes in, holding no more than a chunk in memory.
 *
 * @throws HearthError `invalid_request` when it is not well-formed or ends early.
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<Part, void, void> {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`);
  // The line break that belongs to the first boundary is the start of the body itself.
  const reader = new DelimitedReader(body, lineEnd);
  try {
    await drain(reader.until(delimiter));
    for (;;) {
      const after = (await reader.take(2)).toString("latin1");
      if (after === "--") return;
      if (after !== "\r\n") throw malformed("a boundary is followed by neither a line break nor its end");
      // A part without headers would start with the second line break of their end.
      const headers = await collect(reader.until(headerEnd), headerLimit);
      const bytes = reader.until(delimiter);
      yield { ...disposition(headers.toString("utf8")), bytes };
      await drain(bytes);
    }
  } finally {
    await reader.close();
  }
}

/** Bytes of a source, cut at delimiters. */
class DelimitedReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer;

  constructor(source: AsyncIterable<Uint8Array>, start: Buffer) {
    this.#source = source[Symbol.asyncIterator]();
    this.#rest = start;
  }

  /** What comes before the delimiter; the delimiter itself is passed over. */
  async *until(delimiter: Buffer): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const found = this.#rest.indexOf(delimiter);
      if (found !== -1) {
        const before = this.#rest.subarray(0, found);
        this.#rest = this.#rest.subarray(found + delimiter.length);
        if (before.length > 0) yield before;
        return;
      }
      // The last bytes may be the beginning of the delimiter.
      const sure = Math.max(0, this.#rest.length - delimiter.length + 1);
      const before = this.#rest.subarray(0, sure);
      this.#rest = this.#rest.subarray(sure);
      if (before.length > 0) yield before;
      await this.#more();
    }
  }

  async take(count: number): Promise<Buffer> {
    while (this.#rest.length < count) await this.#more();
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw malformed("it ends in the middle of a part");
    this.#rest = Buffer.concat([this.#rest, next.value]);
  }
}

function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed("its Content-Type names no boundary");
  return boundary;
}

/** Field and file name from `Content-Disposition: form-data; name="files"; filename="train.jsonl"`. */
function disposition(headers: string): Pick<Part, "field" | "fileName"> {
  const line = headers.split("\r\n").find((header) => /^content-disposition:/i.test(header)) ?? "";
  const field = /[;\s]name="([^"]*)"/i.exec(line)?.[1];
  if (!/^content-disposition:\s*form-data/i.test(line) || field === undefined)
    throw malformed("a part does not say which field it is");
  const fileName = /[;\s]filename="([^"]*)"/i.exec(line)?.[1];
  return { field: unescape(field), fileName: fileName === undefined ? null : unescape(fileName) };
}

/** Browsers and fetch write quotes and line breaks in names as %22, %0D and %0A. */
function unescape(name: string): string {
  return name.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n");
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) void chunk;
}

/** A short value, whole. */
export async function collect(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > limit) throw malformed(`a header or value is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function malformed(reason: string): HearthError {
  return new HearthError("invalid_request", `The upload is not valid multipart/form-data: ${reason}.`);
}
