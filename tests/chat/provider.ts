import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { z } from "zod";
import { LoopbackServer } from "../loopback-server.ts";

const asked = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});

/** One request for an answer, which the test answers byte by byte as it likes. */
export class ProviderCall {
  readonly body: z.infer<typeof asked>;
  readonly response: ServerResponse;
  /** Fulfilled when the connection is closed or the answer is through; whether the asker went away before its end. */
  readonly left: Promise<boolean>;

  constructor(body: z.infer<typeof asked>, response: ServerResponse) {
    this.body = body;
    this.response = response;
    this.left = once(response, "close").then(() => !response.writableFinished);
  }

  /** The text of the last message. */
  get prompt(): string {
    const content = this.body.messages.at(-1)?.content;
    return typeof content === "string" ? content : JSON.stringify(content);
  }

  /** The head of a streamed answer. */
  begin(headers: Record<string, string> = {}): this {
    this.response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    this.response.flushHeaders();
    return this;
  }

  chunk(delta: object, finish: string | null = null): this {
    return this.raw(`data: ${JSON.stringify(chunkOf(delta, finish))}\n\n`);
  }

  say(...texts: string[]): this {
    for (const content of texts) this.chunk({ content });
    return this;
  }

  raw(text: string): this {
    this.response.write(text);
    return this;
  }

  finish(): void {
    this.chunk({}, "stop");
    this.response.end("data: [DONE]\n\n");
  }

  /** An answer that is none. */
  refuse(status: number, type: string, body: string, headers: Record<string, string> = {}): void {
    this.response.writeHead(status, { "content-type": type, ...headers });
    this.response.end(body);
  }
}

function chunkOf(delta: object, finish: string | null): object {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "one",
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

/** A server that speaks OpenAI's streamed chat completions, and lets a test decide about each byte. */
export class Provider implements AsyncDisposable {
  readonly #server: LoopbackServer;
  readonly #calls: ProviderCall[] = [];
  readonly #waiting: ((call: ProviderCall) => void)[] = [];
  /** Answers each call; without it the test takes them by `next`. */
  answer: ((call: ProviderCall) => void) | null;

  private constructor(server: LoopbackServer, answer: ((call: ProviderCall) => void) | null) {
    this.#server = server;
    this.answer = answer;
  }

  static async start(answer: ((call: ProviderCall) => void) | null = null): Promise<Provider> {
    const server = await LoopbackServer.start((_request, body, response) =>
      provider.#take(new ProviderCall(asked.parse(JSON.parse(body)), response)),
    );
    const provider = new Provider(server, answer);
    return provider;
  }

  get url(): string {
    return `${this.#server.origin}/v1`;
  }

  /** The oldest call that nobody took yet, or the next one. */
  next(): Promise<ProviderCall> {
    const call = this.#calls.shift();
    if (call !== undefined) return Promise.resolve(call);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #take(call: ProviderCall): void {
    if (this.answer !== null) return this.answer(call);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#calls.push(call);
    else waiting(call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Says what it was asked, in two pieces. */
export function echo(call: ProviderCall): void {
  call.begin().say("You said: ", call.prompt).finish();
}
