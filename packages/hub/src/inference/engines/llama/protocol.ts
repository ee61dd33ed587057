import type { SerialisedError } from "../../../errors.ts";
import type {
  Embedding,
  EmbedRequest,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  Prompt,
  ScoreRequest,
} from "../../engine.ts";
import type { PrefixCacheOptions } from "./prefix-cache.ts";

/** A request, or an answer to be scored: nothing is generated, and what comes with `started` is of its tokens alone. */
export interface LlamaRequest extends GenerateRequest {
  /** Follows the prompt as if the model had given it, with what ends it. */
  scoredAnswer?: Pick<ScoreRequest, "answer" | "toolCalls">;
}

/** Messages from the hub to an engine child; the channel copies maps and lists as they are. */
export type EngineCommand =
  | {
      type: "load";
      path: string;
      /** Checksum of the weights. */
      sha256: string;
      threads: number;
      contextSize: number;
      slots: number;
      adapterContexts: number;
      kvCacheType: "f16" | "q8_0";
      /** Where beginnings of prompts are stored; null: nowhere. */
      prefixes: PrefixCacheOptions | null;
      /** Milliseconds after its last use that the context for embeddings is freed. */
      embeddingRestMs: number;
    }
  | { type: "generate"; request: LlamaRequest }
  /** From the next decode call on. */
  | { type: "threads"; threads: number }
  | { type: "cancel"; id: string }
  | { type: "embed"; id: string; request: EmbedRequest }
  | { type: "cancel_embed"; id: string }
  | { type: "tokenize"; id: string; prompt: Prompt }
  /** Ends the process, after what is worth it was stored. */
  | { type: "shutdown" };

/** Messages from an engine child to the hub. */
export type EngineMessage =
  /** The native library is in memory; a model can be loaded. */
  | { type: "ready" }
  | { type: "loaded"; model: LoadedModel }
  | { type: "load_failed"; error: SerialisedError }
  /** What one round of decoding gave, for all requests together. An empty one says that the engine is at work. */
  | {
      type: "step";
      events: [id: string, event: GenerateEvent][];
      failures: [id: string, error: SerialisedError][];
      adapters: number;
      /** How many sequences got their next token in this round; 0 where it took in a prompt, or decoded nothing. */
      sequences: number;
    }
  | { type: "tokenized"; id: string; tokens: number[] }
  | { type: "tokenize_failed"; id: string; error: SerialisedError }
  /** One of several vectors. */
  | { type: "embedded"; id: string; index: number; embedding: Embedding }
  | { type: "embed_done"; id: string }
  | { type: "embed_failed"; id: string; error: SerialisedError };
