import type { ChatMessage } from "../model-files/chat-template.ts";

/** What a model file says of itself that decides about memory; the registry keeps it, so that nobody opens the file again. */
export interface ModelShape {
  layers: number;
  /** Width of the hidden state. */
  embedding: number;
  vocabulary: number;
  /** Tokens of the longest sequence that it was trained for. */
  context: number;
  /** Numbers that one token takes in the key/value cache, over all layers. */
  cacheElementsPerToken: number;
}

/** Where a model's weights are, and what identifies them. */
export interface ModelFiles {
  /** Full weights, immutable, content-addressed. */
  basePath: string;
  baseSha256: string;
  bytes: number;
  /** Null when it is not known; estimates are then made from the size of the file alone. */
  shape: ModelShape | null;
}

/** An adapter on top of loaded weights. */
export interface AdapterFile {
  path: string;
  sha256: string;
}

export interface LoadOptions {
  threads: number;
  /** Tokens a sequence may hold; default: the model's own, at most 4096. Never more than the model was trained for. */
  contextSize?: number;
  /** Requests decoded together per context. */
  slots: number;
  /** Adapters that are kept ready at a time, each with a context of its own; default 3. */
  adapterContexts?: number;
}

export interface MemoryEstimate {
  weightsBytes: number;
  kvCacheBytes: number;
  computeBytes: number;
  totalBytes: number;
}

export interface Capabilities {
  formats: readonly string[];
  adapters: boolean;
  memory: "mapped" | "unified" | "remote";
  /** Sampling fields that work; anything else is refused before it gets here. */
  sampling: readonly (keyof Sampling)[];
}

/** What the loaded model says of itself. */
export interface LoadedModel {
  contextSize: number;
  slots: number;
  vocabulary: number;
  chatTemplate: boolean;
  trainedContextSize: number;
}

export interface Sampling {
  /** 0 takes the likeliest token. */
  temperature: number;
  /** 1 keeps every token. */
  topP: number;
  /** 0 keeps every token. */
  topK: number;
  /** 0 keeps every token. */
  minP: number;
  /** Below 2^32; null draws one. */
  seed: number | null;
  /** Subtracted from a token's logit for each time it was generated. */
  frequencyPenalty: number;
  /** Subtracted once from the logit of every token that was generated. */
  presencePenalty: number;
  /** Divides (or multiplies, below 0) the logit of every token that was generated; 1 changes nothing. */
  repetitionPenalty: number;
  /** token id → added logit; −100 bans. */
  logitBias: ReadonlyMap<number, number>;
}

export type Prompt =
  | { kind: "chat"; messages: ChatMessage[] }
  /** Control tokens written in the text stay text. */
  | { kind: "text"; text: string }
  | { kind: "tokens"; tokens: number[] };

export interface GenerateRequest {
  /** Unique among the requests in progress. */
  id: string;
  prompt: Prompt;
  adapter: AdapterFile | null;
  /** Null: until the context is full. */
  maxTokens: number | null;
  stop: string[];
  sampling: Sampling;
}

export type GenerateEvent =
  /** Tokenised and admitted to a slot. `cachedTokens` were taken from a kept prefix. */
  | { type: "started"; promptTokens: number; cachedTokens: number }
  /** The text may be shorter than the tokens: what may still become a stop string, or is half a character, comes later. */
  | { type: "tokens"; text: string; ids: number[] }
  /** `completionTokens` counts every generated token, the one that ends the turn included. */
  | { type: "done"; finishReason: "stop" | "length"; completionTokens: number; stopSequence: string | null };

/** One way to run a model. Implementations live in `engines/<name>/` and pass one contract suite. */
export interface Engine extends AsyncDisposable {
  readonly capabilities: Capabilities;
  /** The process that holds the model; null when there is none (yet). */
  readonly pid: number | null;
  /** False before `load` and after `unload` or the end of its process. */
  readonly loaded: boolean;
  /** Adapters that are ready now. */
  readonly adapters: number;
  /** Called once when a loaded engine ends by itself. */
  onLost: ((error: Error) => void) | null;
  /** Starts what does not depend on the model, so that a later `load` is quick. */
  prepare(): Promise<void>;
  /** Bytes that loading would take; opens no file. */
  estimate(model: ModelFiles, options: LoadOptions): MemoryEstimate;
  /** Errors: PlatformUnsupported, ModelLoadFailed, ResourceExhausted. */
  load(model: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel>;
  /**
   * Answers one request; any number may be in progress. Leaving the loop early, or the signal, stops the work.
   * Errors: InvalidRequest, ModelLoadFailed (the adapter), GenerationFailed, Timeout, RequestCancelled.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  /** The prompt as the model will see it. */
  tokenize(prompt: Prompt, signal: AbortSignal): Promise<number[]>;
  /** How many threads to use from now on, at most as many as it was loaded with. */
  useThreads(threads: number): void;
  /** Gives all memory back; nothing is left running. Requests in progress fail. */
  unload(): Promise<void>;
}
