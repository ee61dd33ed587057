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
  /** Attention heads of a layer; null: not known. */
  heads?: number | null | undefined;
  /** Name of the type of most weights, such as `Q4_K`; null: not known. */
  quantisation?: string | null | undefined;
}

/** How a model's weights are kept, which decides about the engine: one GGUF file, or a folder as MLX reads it. */
export type ModelFormat = "gguf" | "mlx";

/** Where a model's weights are, and what identifies them. */
export interface ModelFiles {
  /** Default: `gguf`. */
  format?: ModelFormat;
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
  /** How keys and values are kept; default F16. */
  kvCacheType?: "f16" | "q8_0";
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
  /** Forms that an answer can be held to; a prompt that asks for another one is refused. */
  output: readonly OutputForm["kind"][];
  /** Which choices of tools are enforced, and not only wished for. */
  toolChoice: readonly ("auto" | "required" | "named")[];
  /** Most alternatives whose log probability comes with each token; null: no log probabilities at all. */
  logprobs: number | null;
  /** Log probabilities of the prompt's own tokens (OpenAI's `echo`). */
  promptLogprobs: boolean;
  /** Can it tell how likely a given answer is? */
  scores: boolean;
  embeddings: boolean;
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

/** JSON Schema, draft 2020-12, as it came: nothing of it has been checked. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** A function that the model may ask its caller to call. */
export interface Tool {
  name: string;
  description: string | null;
  /** What its arguments look like; null: any object. */
  parameters: JsonSchema | null;
  /** Arguments must follow the schema even where the model is free to call it or not. */
  strict: boolean;
}

/** `none`: the model does not hear of the tools. `required`: at least one call. A name: a call of that tool. */
export type ToolChoice = "none" | "auto" | "required" | { name: string };

/** What an answer's text must be; calls of tools are not part of it. */
export type OutputForm =
  | { kind: "text" }
  /** Any one JSON object. */
  | { kind: "json_object" }
  | { kind: "json_schema"; name: string; schema: JsonSchema };

export interface ChatPrompt {
  kind: "chat";
  messages: ChatMessage[];
  tools?: Tool[];
  /** Further variables of the model's template, such as `enable_thinking`. */
  templateVariables?: Readonly<Record<string, unknown>>;
}

export type Prompt =
  | ChatPrompt
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
  /** Of the tools that a chat names; default `auto` when there are any. */
  toolChoice?: ToolChoice;
  /** May one answer hold several calls? Default: yes. */
  parallelToolCalls?: boolean;
  /** Default: any text. */
  output?: OutputForm;
  /** So many alternatives with each token's log probability; 0: its own only; null (the default): none. */
  logprobs?: number | null;
  /** The same of the prompt's tokens; they come with `started`. */
  promptLogprobs?: number | null;
}

/** Natural logarithm of the model's probability of a token, before temperature, cuts and biases. */
export interface TokenLogprob {
  /** −1 where another server does not tell it. */
  id: number;
  /** What the token adds to the text, in UTF-8; may be half a character. */
  bytes: number[];
  logprob: number;
}

/** A token of an answer or a prompt, and what could have stood there, the likeliest first. */
export interface TokenLogprobs extends TokenLogprob {
  top: TokenLogprob[];
}

/** Of the tokens of a prompt. The first has no probability, because nothing is before it. */
export type PromptLogprobs = (TokenLogprobs | (Omit<TokenLogprobs, "logprob"> & { logprob: null }))[];

/** More of one call of a tool. */
export interface ToolCallDelta {
  /** Which call of this answer, from 0. */
  index: number;
  /** With the first part of a call. */
  id?: string;
  name?: string;
  /** JSON text; the parts of one call, joined, are the whole. */
  arguments: string;
}

export type FinishReason = "stop" | "length" | "tool_calls";

export type GenerateEvent =
  /**
   * Tokenised and admitted to a slot. `cachedTokens` were taken from a kept prefix. With
   * `promptLogprobs` it comes when the whole prompt was read, and nothing of it from a kept prefix.
   */
  | {
      type: "started";
      /** Null: another server counts them, and tells at the end, if at all. */
      promptTokens: number | null;
      cachedTokens: number | null;
      /** Milliseconds that it waited in the engine for a slot; absent where the engine does not tell. */
      queueMs?: number;
      promptLogprobs?: PromptLogprobs;
    }
  /**
   * The text may be shorter than the tokens: what may still become a stop string, the mark of a tool call, or is
   * half a character, comes later. `reasoning` is what a thinking model says before its answer.
   */
  | {
      type: "tokens";
      text: string;
      ids: number[];
      reasoning?: string;
      toolCalls?: ToolCallDelta[];
      logprobs?: TokenLogprobs[];
    }
  /** `completionTokens` counts every generated token, the one that ends the turn and the reasoning included. */
  | {
      type: "done";
      finishReason: FinishReason;
      completionTokens: number;
      reasoningTokens?: number;
      stopSequence: string | null;
      /** Where `started` did not tell them; null: never told. */
      promptTokens?: number | null;
      cachedTokens?: number | null;
    };

/** An answer that somebody else has given, to be judged by the model's own probabilities. */
export interface ScoreRequest {
  prompt: ChatPrompt | Extract<Prompt, { kind: "text" }>;
  /** Of a chat the assistant's next message, of a text what follows it; after an empty text a document of its own. */
  answer: string;
  /** Calls of tools beside the text, as a message of the assistant has them; of a chat only. */
  toolCalls?: readonly unknown[];
  adapter: AdapterFile | null;
}

export interface Score {
  /**
   * Natural logarithms of the probabilities of the answer's tokens, each after all that stands before it. The token
   * that ends the turn, or the text, is the last of them: what a trainer lets a model learn, no more and no less.
   */
  logprobs: number[];
}

export interface EmbedRequest {
  inputs: Prompt[];
  adapter: AdapterFile | null;
}

export interface Embedding {
  /** As the model gives it, not normalised. */
  values: Float32Array;
  tokens: number;
}

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
  /** Called after each decoding step with the number of answers that got a token in it. Not every engine knows. */
  onRound?: ((round: { sequences: number }) => void) | null;
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
  /**
   * One vector for each input, in their order. Only with `capabilities.embeddings`.
   * Errors: InvalidRequest, ModelLoadFailed (the adapter), GenerationFailed, Timeout, RequestCancelled.
   */
  embed?(request: EmbedRequest, signal: AbortSignal): Promise<Embedding[]>;
  /**
   * How likely the model finds a given answer. Only with `capabilities.scores`.
   * Errors: InvalidRequest (also where prompt and answer are longer than the context), ModelLoadFailed (the
   * adapter), GenerationFailed, Timeout, RequestCancelled.
   */
  score?(request: ScoreRequest, signal: AbortSignal): Promise<Score>;
  /** The prompt as the model will see it. */
  tokenize(prompt: Prompt, signal: AbortSignal): Promise<number[]>;
  /** How many threads to use from now on, at most as many as it was loaded with. */
  useThreads(threads: number): void;
  /** Gives all memory back; nothing is left running. Requests in progress fail. */
  unload(): Promise<void>;
}
