import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A server of this machine for one test; each request is handed on when its body is here. */
export class LoopbackServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    handle: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  ): Promise<LoopbackServer> {
    const server = createServer({ noDelay: true }, (request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => (body += part));
      request.on("end", () => handle(request, body, response));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new LoopbackServer(server);
  }

  /** `http://127.0.0.1:PORT` */
  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
