import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { z } from "zod";
import { LoopbackServer } from "../loopback-server.ts";

/** What a scripted model does in one step: it thinks, calls a tool, speaks, or is refused. */
export interface Step {
  reasoning?: string;
  call?: { name: string; input: object };
  text?: string;
  refusal?: { status: number; message: string };
  /** An error in the middle of the stream. */
  breaks?: string;
}

const asked = z.looseObject({ model: z.string(), stream: z.boolean().optional() });

export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: z.infer<typeof asked>;
}

/**
 * A server that speaks the wires of OpenAI (`/responses` and `/chat/completions`) and of Anthropic (`/messages`) as
 * their references have them, and does what a test wrote, step after step.
 */
export class ScriptedProvider implements AsyncDisposable {
  readonly requests: Asked[] = [];
  /** Taken from the front; when there is none it says "done". */
  readonly steps: Step[] = [];
  readonly #server: LoopbackServer;

  private constructor(server: LoopbackServer) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedProvider> {
    const server = await LoopbackServer.start(({ url: path = "", headers }, text, response) => {
      const body = asked.parse(JSON.parse(text));
      provider.requests.push({ path, headers, body });
      provider.#answer(path, body, headers, response);
    });
    const provider = new ScriptedProvider(server);
    return provider;
  }

  get url(): string {
    return `${this.#server.origin}/v1`;
  }

  #answer(
    path: string,
    { model, stream }: z.infer<typeof asked>,
    headers: IncomingHttpHeaders,
    response: ServerResponse,
  ): void {
    const step = this.steps.shift() ?? { text: "done" };
    const wire = {
      "/v1/responses": responses,
      "/v1/messages": messages,
      "/v1/chat/completions": completions,
    }[path];
    if (wire === undefined || step.refusal !== undefined) {
      const { status, message } = step.refusal ?? { status: 404, message: `no ${path} here` };
      response.writeHead(status, { "content-type": "application/json", "x-echo": JSON.stringify(headers) });
      const error = { type: "invalid_request_error", message, code: null, param: null };
      response.end(JSON.stringify({ type: "error", error }));
      return;
    }
    if (stream !== true) {
      response.writeHead(200, { "content-type": "application/json" });
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const message = { role: "assistant", content: step.text ?? "" };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      response.end(
        JSON.stringify({ id: "c1", object: "chat.completion", created: 1, model, choices, usage }),
      );
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of wire(step, model)) {
      const name = "type" in event ? `event: ${String(event.type)}\n` : "";
      response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
    }
    response.end(wire === completions ? "data: [DONE]\n\n" : "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** platform.openai.com/docs/api-reference/responses-streaming */
function* responses({ reasoning, call, text, breaks }: Step, model: string): Generator<object> {
  yield { type: "response.created", response: { id: "resp_1", created_at: 1, model } };
  let output_index = 0;
  const item = function* (added: object, between: object[], done: object): Generator<object> {
    yield { type: "response.output_item.added", output_index, item: added };
    yield* between.map((event) => ({ output_index, ...event }));
    yield { type: "response.output_item.done", output_index, item: done };
    output_index += 1;
  };
  if (reasoning !== undefined) {
    const thought = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "sealed-thought" };
    const part = { item_id: "rs_1", summary_index: 0 };
    const events = [
      { type: "response.reasoning_summary_part.added", ...part },
      { type: "response.reasoning_summary_text.delta", ...part, delta: reasoning },
      { type: "response.reasoning_summary_part.done", ...part },
    ];
    yield* item(thought, events, thought);
  }
  if (call !== undefined) {
    const json = JSON.stringify(call.input);
    const done = { type: "function_call", id: "fc_1", call_id: "call_1", name: call.name, arguments: json };
    const events = [{ type: "response.function_call_arguments.delta", item_id: "fc_1", delta: json }];
    yield* item({ ...done, arguments: "" }, events, { ...done, status: "completed" });
  }
  if (text !== undefined) {
    const message = { type: "message", id: "msg_1", role: "assistant", content: [] };
    yield* item(message, [{ type: "response.output_text.delta", item_id: "msg_1", delta: text }], message);
  }
  if (breaks !== undefined) {
    const error = { type: "server_error", code: "server_error", message: breaks, param: null };
    yield { type: "error", sequence_number: 9, error };
    return;
  }
  const usage = { input_tokens: 11, output_tokens: 7, total_tokens: 18 };
  yield { type: "response.completed", response: { id: "resp_1", usage, incomplete_details: null } };
}

/** docs.anthropic.com/en/docs/build-with-claude/streaming */
function* messages({ reasoning, call, text, breaks }: Step, model: string): Generator<object> {
  const usage = { input_tokens: 11, output_tokens: 1 };
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    usage,
  };
  yield { type: "message_start", message };
  yield { type: "ping" };
  let index = 0;
  const block = function* (content_block: object, deltas: object[]): Generator<object> {
    yield { type: "content_block_start", index, content_block };
    yield* deltas.map((delta) => ({ type: "content_block_delta", index, delta }));
    yield { type: "content_block_stop", index };
    index += 1;
  };
  if (reasoning !== undefined)
    yield* block({ type: "thinking", thinking: "" }, [
      { type: "thinking_delta", thinking: reasoning },
      { type: "signature_delta", signature: "sealed-thought" },
    ]);
  if (text !== undefined) yield* block({ type: "text", text: "" }, [{ type: "text_delta", text }]);
  if (call !== undefined)
    yield* block({ type: "tool_use", id: "toolu_1", name: call.name, input: {} }, [
      { type: "input_json_delta", partial_json: JSON.stringify(call.input) },
    ]);
  if (breaks !== undefined) {
    yield { type: "error", error: { type: "overloaded_error", message: breaks } };
    return;
  }
  const stop_reason = call === undefined ? "end_turn" : "tool_use";
  yield { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 7 } };
  yield { type: "message_stop" };
}

/** platform.openai.com/docs/api-reference/chat-streaming, with the `reasoning_content` of vLLM, DeepSeek and others. */
function* completions({ reasoning, call, text, breaks }: Step, model: string): Generator<object> {
  const chunk = (delta: object, finish_reason: string | null = null): object => ({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  yield chunk({ role: "assistant", content: "" });
  if (reasoning !== undefined) yield chunk({ reasoning_content: reasoning });
  if (text !== undefined) yield chunk({ content: text });
  if (breaks !== undefined) {
    yield { error: { message: breaks, type: "server_error" } };
    return;
  }
  if (call !== undefined) {
    const made = { name: call.name, arguments: JSON.stringify(call.input) };
    yield chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: made }] });
  }
  yield chunk({}, call === undefined ? "stop" : "tool_calls");
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
  yield { ...chunk({}), choices: [], usage };
}
