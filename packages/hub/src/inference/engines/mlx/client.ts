import { z } from "zod";
import type { HearthError } from "../../../errors.ts";
import type { GenerateEvent, GenerateRequest, Prompt } from "../../engine.ts";
import { GenerationFailed, InvalidRequest, ModelLoadFailed, RequestCancelled } from "../../errors.ts";
import { EventStreamReader, StreamTooLarge } from "../openai/event-stream.ts";
import { AnswerReader } from "./answer-reader.ts";
import { refusal } from "./failures.ts";
import { readText, send, type ServerAnswer, type ServerTarget } from "./serving/connection.ts";
import { chatFields, wireRequest, type Served, type WireRequest } from "./wire-request.ts";

const errorBytes = 64 * 1024;
const tokensBytes = 64 * 2 ** 20;
const checkMs = 5_000;

const tokensAnswer = z.object({ tokens: z.array(z.int()) });

/** The wire of one `mlx_lm.server` with one model. */
export class MlxClient {
  readonly target: ServerTarget;
  readonly #served: Served;

  constructor(target: ServerTarget, served: Served) {
    this.target = target;
    this.#served = served;
  }

  /** Errors: InvalidRequest for what the server would pass over. */
  wireRequest(request: GenerateRequest): WireRequest {
    return wireRequest(this.#served, request);
  }

  /**
   * The events of one answer; null is a sign of life. Errors: those of `Engine.generate`; a connection that
   * breaks is a GenerationFailed.
   */
  async *answer(
    { path, body }: WireRequest,
    { adapter, stop }: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent | null, void, void> {
    const { status, body: stream } = await this.#send(path, body, signal);
    try {
      if (status !== 200) {
        const text = await readText(stream, errorBytes);
        throw refusal(status, text, { adapter: adapter?.path ?? null, loading: null });
      }
      const events = new EventStreamReader();
      const reader = new AnswerReader(stop);
      for await (const bytes of stream as AsyncIterable<Buffer>) {
        yield null;
        for (const { data } of events.push(bytes)) yield* reader.push(data);
        if (reader.ended) return;
      }
      for (const { data } of events.end()) yield* reader.push(data);
      reader.close();
    } catch (error) {
      throw this.#inWords(error, signal);
    } finally {
      // Closing the connection is how the server learns that nobody reads any more.
      stream.destroy();
    }
  }

  /** The tokens of a prompt. Errors: InvalidRequest, GenerationFailed, RequestCancelled. */
  async tokenize(prompt: Prompt, signal: AbortSignal): Promise<number[]> {
    if (prompt.kind === "tokens") return prompt.tokens;
    if (!this.#served.own)
      throw new InvalidRequest("An mlx_lm.server that is attached does not tell the tokens of a prompt.");
    const asked = prompt.kind === "text" ? { prompt: prompt.text } : chatFields(this.#served, prompt);
    const { status, body } = await this.#send("/hearth/tokenize", asked, signal);
    const text = await readText(body, tokensBytes);
    if (status !== 200) throw refusal(status, text, { adapter: null, loading: null });
    const parsed = tokensAnswer.safeParse(JSON.parse(text));
    if (!parsed.success)
      throw new GenerationFailed("mlx_lm.server answered with something else than tokens.");
    return parsed.data.tokens;
  }

  /** Makes an attached server load the model. Errors: ModelLoadFailed, RequestCancelled. */
  async warmUp(signal: AbortSignal): Promise<void> {
    const { model } = this.#served;
    const asked = { model, prompt: "a", max_tokens: 1, temperature: 0 };
    const { status, body } = await this.#send("/v1/completions", asked, signal);
    const text = await readText(body, errorBytes);
    if (status !== 200) throw refusal(status, text, { adapter: null, loading: model });
  }

  /** Errors: ModelLoadFailed unless an mlx_lm.server answers there. */
  static async check(target: ServerTarget, signal: AbortSignal): Promise<void> {
    const found = await health(target, signal);
    if (found === "ok") return;
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    throw new ModelLoadFailed(
      `No mlx_lm.server answers at ${target.url} (MLX_SERVER_URL): ${found}. Start it, or unset MLX_SERVER_URL and let the hub run one.`,
      { details: { url: target.url } },
    );
  }

  /** Does a server answer there? */
  static async answers(target: ServerTarget): Promise<boolean> {
    return (await health(target, new AbortController().signal)) === "ok";
  }

  async #send(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<ServerAnswer> {
    try {
      return await send(this.target, path, body, signal);
    } catch (error) {
      throw this.#inWords(error, signal);
    }
  }

  #inWords(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (isOurs(error)) return error;
    const words = error instanceof Error ? error.message : String(error);
    const hint =
      error instanceof StreamTooLarge
        ? ""
        : " Versions of mlx-lm before 0.32 also end the connection when a value is out of bounds.";
    return new GenerationFailed(
      `The connection to mlx_lm.server at ${this.target.url} broke (${words}). Try again.${this.#served.own ? "" : hint}`,
      { cause: error, details: { url: this.target.url } },
    );
  }
}

function isOurs(error: unknown): error is HearthError {
  return error instanceof Error && "code" in error && "details" in error;
}

/** `ok`, or what was wrong. */
async function health(target: ServerTarget, signal: AbortSignal): Promise<string> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(checkMs)]);
    const { status, body } = await send(target, "/health", null, limited);
    const text = await readText(body, errorBytes);
    return status === 200 ? "ok" : `status ${status} ${text.slice(0, 200)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
