import { connect, type Socket } from "node:net";

export interface Answer {
  status: number;
  body: Buffer;
}

/** A request that was not answered within its limit. */
export class NoAnswer extends Error {
  constructor(what: string, seconds: number) {
    super(`${what} was not answered within ${seconds} s`);
    this.name = "NoAnswer";
  }
}

/** A kept connection that was closed by the server before it answered. */
class ConnectionLost extends Error {}

const headEnd = Buffer.from("\r\n\r\n");

/**
 * One kept HTTP/1.1 connection that carries one request after another. It does no more than a bench
 * needs, because client and server share the machine: `fetch` costs several times as much.
 */
export class Connection implements Disposable {
  readonly #host: string;
  readonly #port: number;
  readonly #seconds: number;
  #socket: Socket | undefined;
  #received: Buffer[] = [];
  #size = 0;
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  /** `seconds` is how long an answer may take. */
  constructor(url: string, seconds = 60) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#seconds = seconds;
  }

  /**
   * Sends one request and reads the whole answer, whatever its status.
   *
   * @throws NoAnswer when it takes too long; the connection is closed then.
   */
  async ask(method: string, path: string, body = ""): Promise<Answer> {
    const kept = this.#socket !== undefined;
    try {
      return await this.#exchange(method, path, body);
    } catch (error) {
      // A server may close a kept connection that idled; nothing of the request was read then.
      if (!kept || !(error instanceof ConnectionLost)) throw error;
      return await this.#exchange(method, path, body);
    }
  }

  #exchange(method: string, path: string, body: string): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const socket = (this.#socket ??= this.#connect());
    const limit = setTimeout(
      () => this.#fail(new NoAnswer(`${method} ${path.slice(0, 120)}`, this.#seconds)),
      this.#seconds * 1000,
    );
    this.#received = [];
    this.#size = 0;
    this.#waiting = {
      resolve: (answer) => {
        clearTimeout(limit);
        resolve(answer);
      },
      reject: (error) => {
        clearTimeout(limit);
        reject(error);
      },
    };
    const length = Buffer.byteLength(body);
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}:${this.#port}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
    return promise;
  }

  #connect(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    const lost = (why: string) => {
      if (this.#socket !== socket) return;
      this.#fail(new ConnectionLost(`the connection to port ${this.#port} was lost: ${why}`));
    };
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => lost(error.message));
    socket.on("close", () => lost("closed"));
    return socket;
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this[Symbol.dispose]();
    waiting?.reject(error);
  }

  #read(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#size += chunk.length;
    const answer = this.#complete();
    if (answer === undefined) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }

  /** The answer, when all of it has arrived. */
  #complete(): Answer | undefined {
    let first = this.#received[0];
    if (first === undefined) return undefined;
    let end = first.indexOf(headEnd);
    if (end < 0 && this.#received.length > 1) {
      first = Buffer.concat(this.#received);
      this.#received = [first];
      end = first.indexOf(headEnd);
    }
    if (end < 0) return undefined;
    const head = first.toString("latin1", 0, end);
    const status = Number(head.slice(9, 12));
    const start = end + headEnd.length;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      if (this.#size < start + Number(length)) return undefined;
      return { status, body: this.#all().subarray(start) };
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: Buffer.alloc(0) };
    const last = this.#received.at(-1);
    // Cheap to ask at every packet; what looks like the end is then read in full.
    if (last === undefined || (last.length >= 5 && last.toString("latin1", last.length - 5) !== "0\r\n\r\n"))
      return undefined;
    const body = joinChunks(this.#all(), start);
    return body === undefined ? undefined : { status, body };
  }

  #all(): Buffer {
    const [only] = this.#received;
    return this.#received.length === 1 && only !== undefined ? only : Buffer.concat(this.#received);
  }

  [Symbol.dispose](): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#waiting = undefined;
    socket?.destroy();
  }
}

/** The content of a body in chunked transfer coding, or nothing while its last chunk is missing. */
function joinChunks(received: Buffer, from: number): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const lineEnd = received.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(received.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("the server sent a chunk without a size");
    if (size === 0) return Buffer.concat(parts);
    if (lineEnd + 2 + size + 2 > received.length) return undefined;
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
