import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { z } from "zod";

const asked = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) });

/** What the scripted model says; `hold` leaves the stream open until the asker goes away. */
export interface Script {
  text: string;
  reasoning?: string;
  hold?: boolean;
  /** Instead of an answer. */
  refusal?: { status: number; message: string; retryAfter?: number };
}

/** A server that speaks OpenAI's API and says what a test wrote; every prompt's script by its text. */
export class ScriptedModel implements AsyncDisposable {
  readonly scripts = new Map<string, Script>();
  /** The messages of each request, in order. */
  readonly requests: { role: string; content: string }[][] = [];
  /** Requests whose asker went away before their end. */
  left = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedModel> {
    const server = createServer();
    const model = new ScriptedModel(server);
    server.on("request", (request, response) => {
      if (request.method === "GET") {
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify({ object: "list", data: ["one", "two"].map((id) => ({ id, object: "model" })) }),
        );
        return;
      }
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => (body += part));
      request.on("end", () => model.#answer(body, response));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return model;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  #answer(body: string, response: ServerResponse): void {
    const { messages } = asked.parse(JSON.parse(body));
    this.requests.push(messages);
    const prompt = messages.at(-1)?.content ?? "";
    const script = this.scripts.get(prompt) ?? { text: `You said: ${prompt}` };
    if (script.refusal !== undefined) {
      const { status, message, retryAfter } = script.refusal;
      response.writeHead(status, {
        "content-type": "application/json",
        ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      });
      response.end(JSON.stringify({ error: { message, type: "x", code: null, param: null } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (delta: object, finish: string | null = null) =>
      response.write(
        `data: ${JSON.stringify({
          id: "chatcmpl-1",
          object: "chat.completion.chunk",
          created: 1,
          model: "one",
          choices: [{ index: 0, delta, finish_reason: finish }],
        })}\n\n`,
      );
    send({ role: "assistant", content: "" });
    if (script.reasoning !== undefined) send({ reasoning_content: script.reasoning });
    for (let at = 0; at < script.text.length; at += 50) send({ content: script.text.slice(at, at + 50) });
    if (script.hold === true) {
      response.on("close", () => this.left++);
      return;
    }
    send({}, "stop");
    const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
    response.write(
      `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "one", choices: [], usage })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
