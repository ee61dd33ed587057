import type { ServerResponse } from "node:http";
import { z } from "zod";
import { LoopbackServer } from "../loopback-server.ts";

const asked = z.object({
  messages: z.array(
    z.looseObject({ role: z.string(), content: z.unknown().optional(), tool_call_id: z.string().optional() }),
  ),
  tools: z
    .array(z.object({ function: z.looseObject({ name: z.string(), parameters: z.unknown() }) }))
    .default([]),
});
/** What a provider is asked: the conversation, and the tools that may be called. */
export type Asked = z.infer<typeof asked>;

/** What the model does next: says something, calls tools, or both. */
export interface Step {
  text?: string;
  reasoning?: string;
  calls?: { id?: string; name: string; input: unknown }[];
  /** Leaves the stream open, until the asker goes away. */
  hold?: boolean;
  /** Instead of an answer. */
  refusal?: { status: number; message: string };
}

/** A provider that speaks OpenAI's API with tools, and does what a test says. */
export class ScriptedAgent implements AsyncDisposable {
  /** Every request, in order. */
  readonly requests: Asked[] = [];
  /** Requests whose asker went away before their end. */
  left = 0;
  /** Chooses the next step; a test sets it. */
  next: (request: Asked) => Step = () => ({ text: "nothing to say" });
  readonly #server: LoopbackServer;
  #calls = 0;

  private constructor(server: LoopbackServer) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedAgent> {
    const server = await LoopbackServer.start((_request, body, response) => agent.#answer(body, response));
    const agent = new ScriptedAgent(server);
    return agent;
  }

  get url(): string {
    return `${this.#server.origin}/v1`;
  }

  /** The steps of one answer, one after the other. */
  follow(...steps: Step[]): void {
    const left = [...steps];
    this.next = () => left.shift() ?? { text: "the script is over" };
  }

  #answer(body: string, response: ServerResponse): void {
    const request = asked.parse(JSON.parse(body));
    this.requests.push(request);
    const { text, reasoning, calls = [], hold, refusal } = this.next(request);
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: refusal.message, type: "x", code: null } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const chunk = (fields: object): void => {
      const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "agent" };
      response.write(`data: ${JSON.stringify({ ...head, ...fields })}\n\n`);
    };
    const send = (delta: object, finish: string | null = null): void =>
      chunk({ choices: [{ index: 0, delta, finish_reason: finish }] });
    send({ role: "assistant", content: "" });
    if (reasoning !== undefined) send({ reasoning_content: reasoning });
    if (text !== undefined) for (const piece of text.match(/[\s\S]{1,40}/g) ?? []) send({ content: piece });
    if (hold === true) {
      response.on("close", () => this.left++);
      return;
    }
    for (const [index, { id, name, input }] of calls.entries()) {
      const words = JSON.stringify(input);
      const call = { index, id: id ?? `call_${++this.#calls}`, type: "function" };
      send({ tool_calls: [{ ...call, function: { name, arguments: words.slice(0, 5) } }] });
      send({ tool_calls: [{ index, function: { arguments: words.slice(5) } }] });
    }
    send({}, calls.length > 0 ? "tool_calls" : "stop");
    chunk({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } });
    response.end("data: [DONE]\n\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
