import type { ChatMessage } from "../model-files/chat-template.ts";

/** Where a model's weights are, and what identifies them. */
export interface ModelFiles {
  /** Full weights, immutable, content-addressed. */
  basePath: string;
  baseSha256: string;
  bytes: number;
}

/** An adapter on top of loaded weights. */
export interface AdapterFile {
  path: string;
  sha256: string;
}

export interface LoadOptions {
  threads: number;
  /** Tokens a sequence may hold; default: the model's own, at most 4096. */
  contextSize?: number;
  /** Requests decoded together per context. */
  slots: number;
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
  slots: number;
  memory: "mapped" | "unified" | "remote";
  /** Sampling fields that work; anything else is refused before it gets here. */
  sampling: readonly string[];
}

/** What the loaded model says of itself. */
export interface LoadedModel {
  contextSize: number;
  vocabulary: number;
  chatTemplate: boolean;
  trainedContextSize: number;
}

export interface Sampling {
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  seed: number | null;
  frequencyPenalty: number;
  presencePenalty: number;
  repetitionPenalty: number;
  /** token id → added logit; −100 bans. */
  logitBias: ReadonlyMap<number, number>;
}

export type Prompt =
  | { kind: "chat"; messages: ChatMessage[] }
  | { kind: "text"; text: string }
  | { kind: "tokens"; tokens: number[] };

export interface GenerateRequest {
  id: string;
  prompt: Prompt;
  adapter: AdapterFile | null;
  maxTokens: number | null;
  stop: string[];
  sampling: Sampling;
}

export type GenerateEvent =
  /** Tokenised and admitted to a slot. `cachedTokens` were taken from a kept prefix. */
  | { type: "started"; promptTokens: number; cachedTokens: number }
  | { type: "tokens"; text: string; ids: number[] }
  | { type: "done"; finishReason: "stop" | "length"; completionTokens: number; stopSequence: string | null };

/** One way to run a model. Implementations live in `engines/<name>/` and pass one contract suite. */
export interface Engine extends AsyncDisposable {
  readonly capabilities: Capabilities;
  readonly pid: number | null;
  estimate(model: ModelFiles, options: LoadOptions): Promise<MemoryEstimate>;
  load(model: ModelFiles, options: LoadOptions, signal: AbortSignal): Promise<LoadedModel>;
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  tokenize(prompt: Prompt, signal: AbortSignal): Promise<number[]>;
  unload(): Promise<void>;
}
