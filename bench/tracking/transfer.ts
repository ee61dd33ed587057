import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";

const pieceBytes = 1 << 20;

/** A megabyte without repetitions that a file system or a network could compress. */
const piece = Buffer.alloc(pieceBytes);
for (let at = 0; at < pieceBytes; at += 4) piece.writeUInt32LE(Math.imul(at + 1, 2_654_435_761) >>> 0, at);

/** The content of an artifact of `bytes`: the same piece again and again, each with its number in front. */
export function* content(bytes: number): Generator<Buffer> {
  for (let index = 0, left = bytes; left > 0; index += 1, left -= pieceBytes) {
    const part = Buffer.from(piece.subarray(0, Math.min(left, pieceBytes)));
    if (part.length >= 4) part.writeUInt32LE(index, 0);
    yield part;
  }
}

export function contentHash(bytes: number): string {
  const hash = createHash("sha256");
  for (const part of content(bytes)) hash.update(part);
  return hash.digest("hex");
}

/**
 * PUTs `bytes` of content; resolves with the seconds until the answer.
 *
 * @throws Error with the server's words when the answer is not 200.
 */
export async function upload(url: string, path: string, bytes: number): Promise<number> {
  const { hostname, port } = new URL(url);
  const begin = performance.now();
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const failed = once(socket, "error").then(([error]) => {
    throw error;
  });
  const sent = async (): Promise<number> => {
    const answered = once(socket, "data");
    socket.write(
      `PUT ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n\r\n`,
    );
    for (const part of content(bytes)) if (!socket.write(part)) await once(socket, "drain");
    const [answer] = (await answered) as [Buffer];
    const seconds = (performance.now() - begin) / 1000;
    const text = answer.toString();
    if (!text.startsWith("HTTP/1.1 200"))
      throw new Error(`PUT ${path} was answered with ${text.slice(0, 500)}`);
    return seconds;
  };
  try {
    return await Promise.race([sent(), failed]);
  } finally {
    socket.destroy();
    failed.catch(() => {});
  }
}

/**
 * GETs `bytes`, hashed when a hash is given; resolves with the seconds until the last of them.
 *
 * @throws Error when the status is not 200 or the connection ends before all bytes came.
 */
export async function download(url: string, path: string, bytes: number, hash?: Hash): Promise<number> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const begin = performance.now();
  let head = "";
  let chunked: ChunkedCounter | undefined;
  let came = 0;
  const take = (part: Buffer) => {
    came += part.length;
    hash?.update(part);
  };
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    // One buffer for all packets: the client shall cost as little as it can.
    onread: {
      buffer: Buffer.alloc(pieceBytes),
      callback: (count, buffer) => {
        let part = Buffer.from(buffer.buffer, buffer.byteOffset, count);
        if (!head.includes("\r\n\r\n")) {
          head += part.toString("latin1");
          const end = head.indexOf("\r\n\r\n");
          if (end < 0) return true;
          if (!head.startsWith("HTTP/1.1 200"))
            reject(new Error(`GET ${path} was answered with ${head.slice(0, 500)}`));
          part = part.subarray(part.length - (head.length - end - 4));
          head = head.slice(0, end + 4);
          if (/transfer-encoding: *chunked/i.test(head)) chunked = new ChunkedCounter(take);
        }
        if (chunked) chunked.read(part);
        else take(part);
        if (came >= bytes) resolve();
        return true;
      },
    },
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`GET ${path} ended after ${came} of ${bytes} bytes`)));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  try {
    await promise;
    return (performance.now() - begin) / 1000;
  } finally {
    socket.destroy();
  }
}

/** Takes the content out of a body in chunked transfer coding. */
class ChunkedCounter {
  readonly #take: (part: Buffer) => void;
  #left = 0;
  #line = "";

  constructor(take: (part: Buffer) => void) {
    this.#take = take;
  }

  read(received: Buffer): void {
    for (let at = 0; at < received.length;) {
      if (this.#left > 0) {
        const part = received.subarray(at, at + this.#left);
        this.#take(part);
        this.#left -= part.length;
        at += part.length;
        continue;
      }
      this.#line += String.fromCharCode(received[at] ?? 0);
      at += 1;
      // A chunk ends with an empty line of its own; a size stands on the line after it.
      if (!this.#line.endsWith("\n")) continue;
      const size = this.#line.trim();
      if (size !== "") this.#left = Number.parseInt(size, 16);
      this.#line = "";
    }
  }
}
