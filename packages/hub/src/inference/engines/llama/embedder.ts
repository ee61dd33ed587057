import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { serialiseError } from "../../../errors.ts";
import type { AdapterFile, EmbedRequest } from "../../engine.ts";
import { GenerationFailed, InvalidRequest } from "../../errors.ts";
import type { LoadedLlama } from "./model.ts";
import { leastTokens } from "./prompt-bytes.ts";
import { embeddingOf } from "./native.ts";
import type { EngineMessage } from "./protocol.ts";

interface Job {
  id: string;
  inputs: number[][];
  adapter: AdapterFile | null;
}

/** The smallest context; each larger one is twice as long, so that few are made. */
const smallestContext = 256;

/**
 * Computes vectors of texts, one after the other, in a context of its own beside those that
 * generate: another kind of context, which shares the weights and is freed when it was unused for
 * a while. An input is one decode call, because a pooled vector is of one call only.
 */
export class Embedder {
  readonly #model: LoadedLlama;
  readonly #restMs: number;
  readonly #report: (message: EngineMessage) => void;
  readonly #jobs: Job[] = [];
  #running = false;
  #room: EmbeddingRoom | null = null;
  #rest: NodeJS.Timeout | null = null;

  /** `restMs`: how long the context is kept after its last use. */
  constructor(model: LoadedLlama, restMs: number, report: (message: EngineMessage) => void) {
    this.#model = model;
    this.#restMs = restMs;
    this.#report = report;
  }

  submit(id: string, request: EmbedRequest): void {
    try {
      this.#jobs.push({ id, inputs: this.#read(request), adapter: request.adapter });
    } catch (error) {
      this.#report({ type: "embed_failed", id, error: serialiseError(error) });
      return;
    }
    if (!this.#running) void this.#run();
  }

  /** Ends a request after the input that is being computed. Nothing more is reported of it. */
  cancel(id: string): void {
    const index = this.#jobs.findIndex((job) => job.id === id);
    if (index >= 0) this.#jobs.splice(index, 1);
  }

  #read({ inputs }: EmbedRequest): number[][] {
    const most = this.#model.contextSize - 1;
    const tooLong = (index: number, length: number, exactness = ""): InvalidRequest =>
      new InvalidRequest(
        `Input ${index} is ${exactness}${length} tokens long and this model takes ${most} at most. Shorten it or cut it into pieces.`,
        { field: `input[${index}]`, prompt_tokens: length, context_size: most },
      );
    return inputs.map((input, index) => {
      // Tokenising megabytes would hold up everybody else.
      const least = leastTokens(input, this.#model.vocabulary.longestPiece);
      if (least > most) throw tooLong(index, least, "at least ");
      const tokens = this.#model.prompts.readWhole(input);
      if (tokens.length > most) throw tooLong(index, tokens.length);
      return tokens;
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    if (this.#rest !== null) clearTimeout(this.#rest);
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      await this.#answer(job);
      this.cancel(job.id);
    }
    this.#running = false;
    this.#rest = setTimeout(() => {
      if (!this.#running) void this.#free();
    }, this.#restMs);
    this.#rest.unref();
  }

  async #answer(job: Job): Promise<void> {
    const { id, inputs } = job;
    try {
      const room = await this.#roomFor(Math.max(...inputs.map((tokens) => tokens.length), 1), job.adapter);
      for (const [index, tokens] of inputs.entries()) {
        const values = await room.embed(tokens);
        if (!this.#jobs.includes(job)) return;
        this.#report({ type: "embedded", id, index, embedding: { values, tokens: tokens.length } });
      }
      this.#report({ type: "embed_done", id });
    } catch (error) {
      this.#report({ type: "embed_failed", id, error: serialiseError(error) });
      await this.#free();
    }
  }

  async #roomFor(tokens: number, adapter: AdapterFile | null): Promise<EmbeddingRoom> {
    const room = this.#room;
    if (room !== null && room.adapter === (adapter?.sha256 ?? null) && room.size >= tokens) return room;
    await this.#free();
    let size = smallestContext;
    while (size < tokens) size *= 2;
    // The library never fills the last place.
    const context = await this.#model.createEmbeddingContext(adapter, size + 1);
    return (this.#room = new EmbeddingRoom(context, size, adapter?.sha256 ?? null));
  }

  async #free(): Promise<void> {
    const room = this.#room;
    this.#room = null;
    await room?.[Symbol.asyncDispose]();
  }
}

/** A context in which one input at a time becomes a vector. */
class EmbeddingRoom implements AsyncDisposable {
  /** Checksum; null for the base. */
  readonly adapter: string | null;
  /** Tokens of the longest input. */
  readonly size: number;
  readonly #context: LlamaContext;
  readonly #sequence: LlamaContextSequence;

  constructor(context: LlamaContext, size: number, adapter: string | null) {
    this.#context = context;
    this.#sequence = context.getSequence();
    this.size = size;
    this.adapter = adapter;
  }

  async embed(tokens: readonly number[]): Promise<Float32Array> {
    await this.#sequence.clearHistory();
    const values = await embeddingOf(this.#context, this.#sequence, tokens as Token[]);
    if (values.every((value) => Number.isFinite(value))) return values;
    throw new GenerationFailed("The model gave a vector that holds numbers which are none.");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.dispose();
  }
}
