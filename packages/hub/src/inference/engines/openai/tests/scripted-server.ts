import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ServerAddress } from "../server.ts";

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** Parsed JSON; null without a body. */
  body: unknown;
}

/** What a server does with one request. */
export type Script = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;

/** A server on loopback that answers exactly as it is told, byte by byte. */
export class ScriptedServer implements AsyncDisposable {
  readonly received: ReceivedRequest[] = [];
  /** Fulfilled each time that a client has closed its connection before the answer was complete. */
  abandoned = Promise.withResolvers<void>();
  script: Script;
  readonly #server: Server;
  readonly #port: number;

  private constructor(server: Server, port: number, script: Script) {
    this.#server = server;
    this.#port = port;
    this.script = script;
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const scripted = new ScriptedServer(server, address.port, script);
    server.on("request", (request, response) => void scripted.#answer(request, response));
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  address(change: Partial<ServerAddress> = {}): ServerAddress {
    return {
      provider: "scripted",
      url: this.url,
      apiKey: null,
      apiKeyVariable: null,
      extensions: [],
      timeoutMs: 5_000,
      ...change,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const part of request) text += String(part);
    const received = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    this.received.push(received);
    response.on("close", () => {
      if (response.writableFinished) return;
      this.abandoned.resolve();
      this.abandoned = Promise.withResolvers();
    });
    await this.script(response, received);
  }
}

/** Server-sent events, each of them the JSON or the text given, and the connection closed after the last. */
export function stream(...events: (object | string)[]): Script {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map(eventText).join(""));
  };
}

/** An object becomes a `data:` line; a text is sent as it is. */
export function eventText(event: object | string): string {
  return typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}
