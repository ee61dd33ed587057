import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";

/** Pieces that an answer has. */
const shortAnswer = 8;

function event(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "one", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/**
 * A server of OpenAI's API that answers at once. What it is asked says how: `short` gives a few words, `paced N M` gives
 * N pieces, one each M ms, that say when they were written.
 */
export class InstantProvider implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<InstantProvider> {
    const server = createServer({ noDelay: true }, (request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => (body += part));
      request.on("end", () => answer(body, response));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new InstantProvider(server);
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

function answer(body: string, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const end = (): void => void response.end(`${event({}, "stop")}data: [DONE]\n\n`);
  const paced = /paced (\d+) (\d+)/.exec(body);
  if (paced === null) {
    for (let piece = 0; piece < shortAnswer; piece += 1) response.write(event({ content: `word ${piece} ` }));
    return end();
  }
  let left = Number(paced[1]);
  const timer = setInterval(() => {
    // The clock is one: who reads runs in this process.
    response.write(event({ content: `@${performance.now().toFixed(3)}@` }));
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    end();
  }, Number(paced[2]));
  response.once("close", () => clearInterval(timer));
}
