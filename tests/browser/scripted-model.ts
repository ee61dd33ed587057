import type { ServerResponse } from "node:http";
import { z } from "zod";
import { LoopbackServer } from "../loopback-server.ts";

const words = z.union([
  z.string(),
  z
    .array(z.looseObject({ text: z.string().default("") }))
    .transform((parts) => parts.map(({ text }) => text).join("")),
  z.null().transform(() => ""),
]);
const message = z.object({
  role: z.string(),
  content: words.optional().transform((content) => content ?? ""),
  tool_calls: z.array(z.unknown()).optional(),
});
const asked = z.looseObject({
  messages: z.array(message),
  stream: z.boolean().default(false),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});

export interface ScriptedCall {
  name: string;
  input: unknown;
}

/** What the scripted model says; `hold` leaves the stream open until the asker goes away. */
export interface Script {
  text: string;
  /** Before it says anything: the calls of tools of each round, which are made whatever came of the ones before. */
  calls?: ScriptedCall[][];
  reasoning?: string;
  hold?: boolean;
  /** Instead of an answer. */
  refusal?: { status: number; message: string; retryAfter?: number };
}

/** A server that speaks OpenAI's API and says what a test wrote; every prompt's script by its text. */
export class ScriptedModel implements AsyncDisposable {
  readonly scripts = new Map<string, Script>();
  /** The messages of each request for an answer, in order, without the instructions. */
  readonly requests: { role: string; content: string }[][] = [];
  /** The whole of each such request. */
  readonly bodies: z.infer<typeof asked>[] = [];
  /** The names of conversations by what begins them; others are called as they begin. */
  readonly titles = new Map<string, string>();
  /** Requests whose asker went away before their end. */
  left = 0;
  readonly #server: LoopbackServer;

  private constructor(server: LoopbackServer) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedModel> {
    const server = await LoopbackServer.start((request, body, response) => {
      if (request.method !== "GET") return model.#answer(body, response);
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ object: "list", data: ["one", "two"].map((id) => ({ id, object: "model" })) }),
      );
    });
    const model = new ScriptedModel(server);
    return model;
  }

  get url(): string {
    return `${this.#server.origin}/v1`;
  }

  #answer(body: string, response: ServerResponse): void {
    const request = asked.parse(JSON.parse(body));
    const { messages } = request;
    const at = messages.findLastIndex(({ role }) => role === "user");
    const prompt = messages[at]?.content ?? "";
    const naming = messages.some(({ content }) => content.startsWith("Name the conversation"));
    const title = this.titles.get(prompt) ?? prompt;
    if (!request.stream) {
      this.#name(title, response);
      return;
    }
    if (!naming) {
      this.bodies.push(request);
      this.requests.push(
        messages.filter(({ role }) => role !== "system").map(({ role, content }) => ({ role, content })),
      );
    }
    const script: Script = naming
      ? { text: title }
      : (this.scripts.get(prompt) ?? { text: `You said: ${prompt}` });
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
    const round = messages.slice(at).filter(({ tool_calls = [] }) => tool_calls.length > 0).length;
    const calls = script.calls?.[round];
    if (calls !== undefined) {
      for (const [index, { name, input }] of calls.entries())
        send({
          tool_calls: [
            {
              index,
              id: `call-${this.bodies.length}-${index}`,
              type: "function",
              function: { name, arguments: typeof input === "string" ? input : JSON.stringify(input) },
            },
          ],
        });
      this.#end(response, send, "tool_calls");
      return;
    }
    if (script.reasoning !== undefined) send({ reasoning_content: script.reasoning });
    for (let at = 0; at < script.text.length; at += 50) send({ content: script.text.slice(at, at + 50) });
    if (script.hold === true) {
      response.on("close", () => this.left++);
      return;
    }
    this.#end(response, send, "stop");
  }

  /** Names a conversation. */
  #name(content: string, response: ServerResponse): void {
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        id: "chatcmpl-2",
        object: "chat.completion",
        created: 1,
        model: "one",
        choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
        usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
      }),
    );
  }

  #end(response: ServerResponse, send: (delta: object, finish: string) => void, finish: string): void {
    send({}, finish);
    const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };
    response.write(
      `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "one", choices: [], usage })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
