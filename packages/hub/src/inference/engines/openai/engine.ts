import type {
  Capabilities,
  EmbedRequest,
  Embedding,
  Engine,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  LoadOptions,
  MemoryEstimate,
  ModelFiles,
  Prompt,
} from "../../engine.ts";
import { GenerationFailed, InvalidRequest, ModelLoadFailed, RequestCancelled } from "../../errors.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { streamAnswer } from "./chat-stream.ts";
import { embeddingsOf } from "./embeddings.ts";
import { wireRequest } from "./request-body.ts";
import type { Extension, ServerAddress } from "./server.ts";

/** The servers of one provider, of which one is chosen for each request. */
export interface Servers {
  /** Any of them: what can be sent is the same to each. */
  readonly settings: Pick<ServerAddress, "provider" | "url"> & { extensions: readonly Extension[] };
  /** The names that they list now. Errors: when none of them can be asked. */
  reach(signal: AbortSignal): Promise<readonly string[]>;
  /** Makes an attempt on a server, and on another one as long as nothing has come. */
  stream<T>(
    attempt: (server: ServerAddress, signal: AbortSignal) => AsyncIterable<T>,
    signal: AbortSignal,
    client?: string,
  ): AsyncIterable<T>;
}

/**
 * A model of servers that speak OpenAI's API. `ModelFiles.basePath` is its name there; nothing of it is on this
 * machine, and token ids are not told: events carry none.
 */
export class OpenAIEngine implements Engine {
  readonly capabilities: Capabilities;
  readonly pid = null;
  readonly adapters = 0;
  onLost: ((error: Error) => void) | null = null;
  readonly #servers: Servers;
  #model: string | null = null;
  #closed = new AbortController();

  constructor(servers: Servers) {
    this.#servers = servers;
    this.capabilities = capabilitiesOf(servers.settings.extensions);
  }

  get loaded(): boolean {
    return this.#model !== null;
  }

  async prepare(): Promise<void> {}

  estimate(_model: ModelFiles, _options: LoadOptions): MemoryEstimate {
    return { weightsBytes: 0, kvCacheBytes: 0, computeBytes: 0, totalBytes: 0 };
  }

  /** Sizes are not told by OpenAI's API and come out as 0. Servers may answer by models that they do not list. */
  async load(model: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
    if (this.#model !== null)
      throw new ModelLoadFailed("This engine holds a model already; unload it first.");
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    try {
      await this.#servers.reach(signal);
    } catch (error) {
      if (error instanceof RequestCancelled) throw error;
      const words = error instanceof Error ? error.message : String(error);
      throw new ModelLoadFailed(`The model ${model.basePath} cannot be asked. ${words}`, { cause: error });
    }
    this.use(model.basePath);
    return { contextSize: 0, slots: options.slots, vocabulary: 0, chatTemplate: true, trainedContextSize: 0 };
  }

  /** Names the model without asking whether it is there; its first answer tells. */
  use(model: string): this {
    this.#closed = new AbortController();
    this.#model = model;
    return this;
  }

  generate(
    request: GenerateRequest,
    signal: AbortSignal,
    client?: string,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const model = this.#required();
    return this.#untilUnloaded(signal, (either) => {
      const wire = wireRequest(this.#servers.settings, model, request);
      return this.#servers.stream(
        (server, inner) => streamAnswer(server, wire, request, inner),
        either,
        client,
      );
    });
  }

  async embed({ inputs, adapter }: EmbedRequest, signal: AbortSignal, client?: string): Promise<Embedding[]> {
    const model = this.#required();
    if (adapter !== null || inputs.some(({ kind }) => kind === "chat"))
      throw new InvalidRequest("Other servers embed texts or tokens, without an adapter.", {
        field: "input",
      });
    async function* attempt(server: ServerAddress, inner: AbortSignal) {
      yield await embeddingsOf(server, model, inputs, inner);
    }
    for await (const embeddings of this.#untilUnloaded(signal, (either) =>
      this.#servers.stream(attempt, either, client),
    ))
      return embeddings;
    throw new GenerationFailed("The server gave no vectors; ask again.");
  }

  tokenize(_prompt: Prompt, _signal: AbortSignal): Promise<number[]> {
    const { provider } = this.#servers.settings;
    return Promise.reject(
      new InvalidRequest(
        `The tokens of a prompt are not known: OpenAI's API, which ${provider} speaks, does not tell.`,
      ),
    );
  }

  useThreads(_threads: number): void {}

  unload(): Promise<void> {
    this.#model = null;
    this.#closed.abort(new GenerationFailed("The model was unloaded."));
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unload();
  }

  #required(): string {
    if (this.#model === null) throw new GenerationFailed("The engine has no model loaded.");
    return this.#model;
  }

  /** What `work` gives, as long as neither the caller gives up nor the model is unloaded. */
  async *#untilUnloaded<T>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, void> {
    const closed = this.#closed.signal;
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    try {
      yield* work(AbortSignal.any([signal, closed]));
    } catch (error) {
      throw closed.aborted && !signal.aborted ? closed.reason : error;
    }
  }
}
