import type { FinishReason, GenerateEvent, GenerateRequest } from "../../engine.ts";
import { wordsOf } from "./answered-with.ts";
import { wireChunk, type WireChoice, type WireChunk, type WireMessage } from "./chunk.ts";
import { nameOf, quote, ServerFailure } from "./failures.ts";
import { logprobsOf } from "./logprobs.ts";
import type { ServerAddress } from "./server.ts";
import { BrokenToolCall, ToolCallReader } from "./tool-call-reader.ts";

type Expected = Pick<GenerateRequest, "logprobs" | "toolChoice" | "parallelToolCalls">;

/** Characters of one answer, text, reasoning and arguments together. */
const maxAnswerCharacters = 32 * 2 ** 20;

/**
 * Makes events of what a server says, chunk by chunk or in one piece. It trusts nothing: not the types, not the
 * order, not that the server did what it was asked.
 *
 * All errors are ServerFailure.
 */
export class AnswerReader {
  readonly #server: ServerAddress;
  readonly #expected: Expected;
  readonly #calls = new ToolCallReader();
  #begun = false;
  #characters = 0;
  /** Steps that brought something: tokens of a server that does not count them itself. */
  #pieces = 0;
  #finishReason: string | null = null;
  #stopSequence: string | null = null;
  #usage: NonNullable<WireChunk["usage"]> | null = null;

  constructor(server: ServerAddress, expected: Expected) {
    this.#server = server;
    this.#expected = expected;
  }

  /** Has the server said why it ended? Only the counts may still come. */
  get finished(): boolean {
    return this.#finishReason !== null;
  }

  get complete(): boolean {
    return this.finished && this.#usage !== null;
  }

  push(body: unknown): GenerateEvent[] {
    this.#throwIfError(body);
    const parsed = wireChunk.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw this.#broken(`${issue?.path.join(".") || "the chunk"}: ${issue?.message ?? "is wrong"}`);
    }
    const { choices, usage } = parsed.data;
    this.#usage = usage ?? this.#usage;
    // Only one answer was asked for.
    const choice = choices?.find(({ index }) => (index ?? 0) === 0);
    return choice === undefined ? [] : this.#read(choice);
  }

  /** The server has said all: with `[DONE]` (`told`), or by closing the connection. */
  end(told: boolean): GenerateEvent[] {
    if (this.#finishReason === null && !told) throw this.#broken("it ended before the answer did");
    const finishReason = this.#reason();
    this.#checkCalls(finishReason);
    const usage = this.#usage;
    const reasoningTokens = usage?.completion_tokens_details?.reasoning_tokens;
    return [
      ...this.#start(),
      {
        type: "done",
        finishReason,
        completionTokens: usage?.completion_tokens ?? this.#pieces,
        ...(reasoningTokens === null || reasoningTokens === undefined ? {} : { reasoningTokens }),
        stopSequence: this.#stopSequence,
        promptTokens: usage?.prompt_tokens ?? null,
        cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? null,
      },
    ];
  }

  #read(choice: WireChoice): GenerateEvent[] {
    const message: Partial<WireMessage> = choice.delta ?? choice.message ?? {};
    const text = (message.content ?? "") + (message.refusal ?? "") + (choice.text ?? "");
    // Some servers send it under both names.
    const reasoning = message.reasoning_content ?? message.reasoning ?? "";
    const toolCalls = this.#readCalls(message);
    const logprobs = this.#wantsLogprobs ? logprobsOf(choice) : [];
    if (this.#wantsLogprobs && text !== "" && logprobs.length === 0) throw this.#ignored("logprobs");
    if (choice.finish_reason) this.#finishReason = choice.finish_reason;
    if (typeof choice.stop_reason === "string") this.#stopSequence = choice.stop_reason;
    if (text === "" && reasoning === "" && toolCalls.length === 0 && logprobs.length === 0) return [];
    this.#count(
      text.length + reasoning.length + toolCalls.reduce((sum, call) => sum + call.arguments.length, 0),
    );
    return [
      ...this.#start(),
      {
        type: "tokens",
        text,
        ids: [],
        ...(reasoning === "" ? {} : { reasoning }),
        ...(toolCalls.length === 0 ? {} : { toolCalls }),
        ...(logprobs.length === 0 ? {} : { logprobs }),
      },
    ];
  }

  get #wantsLogprobs(): boolean {
    return this.#expected.logprobs !== null && this.#expected.logprobs !== undefined;
  }

  #readCalls({ tool_calls }: Partial<WireMessage>) {
    try {
      return (tool_calls ?? []).map((part) => this.#calls.read(part));
    } catch (error) {
      throw error instanceof BrokenToolCall ? this.#broken(error.message) : error;
    }
  }

  /** Held back until there is something to show: before it, another server may still be asked. */
  #start(): GenerateEvent[] {
    if (this.#begun) return [];
    this.#begun = true;
    return [{ type: "started", promptTokens: null, cachedTokens: null }];
  }

  #count(characters: number): void {
    this.#pieces += 1;
    this.#characters += characters;
    if (this.#characters > maxAnswerCharacters)
      throw this.#broken(`the answer is longer than ${maxAnswerCharacters} characters`);
  }

  #reason(): FinishReason {
    switch (this.#finishReason) {
      case "length":
      case "max_tokens":
      case "model_length":
        return "length";
      case "content_filter":
        throw this.#failure("its content filter stopped the answer");
      case "abort":
      case "error":
        throw this.#failure("it gave the answer up");
      default:
        // Some say `stop` after a call, some say it in words of their own.
        return this.#calls.count > 0 ? "tool_calls" : "stop";
    }
  }

  /** A choice of tools that was not kept to shows here at the latest. */
  #checkCalls(finishReason: FinishReason): void {
    const { toolChoice = "auto", parallelToolCalls = true } = this.#expected;
    const { count } = this.#calls;
    if (!parallelToolCalls && count > 1) throw this.#ignored("parallel_tool_calls");
    const demanded = toolChoice === "required" || typeof toolChoice === "object";
    if (demanded && count === 0 && finishReason !== "length") throw this.#ignored("tool_choice");
  }

  /** OpenAI's and llama-server's `{error}`, older vLLM's `{object: "error", message}`. */
  #throwIfError(body: unknown): void {
    if (typeof body !== "object" || body === null)
      throw this.#broken(`it sent ${quote(JSON.stringify(body), this.#server)}`);
    const tagged = "object" in body && body.object === "error";
    if (!tagged && (!("error" in body) || body.error === null || body.error === undefined)) return;
    throw this.#failure(quote(wordsOf(body)?.message ?? JSON.stringify(body), this.#server));
  }

  #failure(what: string): ServerFailure {
    return this.#fault("generation_failed", `${nameOf(this.#server)} could not answer: ${what}.`);
  }

  #broken(what: string): ServerFailure {
    return this.#fault("generation_failed", `${nameOf(this.#server)} broke its stream: ${what}. Ask again.`);
  }

  #ignored(field: string): ServerFailure {
    const { url, provider } = this.#server;
    return new ServerFailure(
      "invalid_request",
      "request",
      `${nameOf(this.#server)} does not do what ${field} asks for, and did not say so; leave ${field} out, or ask another model.`,
      { details: { url, provider, field } },
    );
  }

  #fault(code: "generation_failed", message: string): ServerFailure {
    return new ServerFailure(code, "sick", message.replace(/\.+\.(?= |$)/, "."), {
      details: { url: this.#server.url },
    });
  }
}
