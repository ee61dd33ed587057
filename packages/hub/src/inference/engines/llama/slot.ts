import type { EvaluationPriority, LlamaContextSequence } from "node-llama-cpp";
import type { LogitWatch } from "./distribution.ts";

/** One sequence of a context: a place where a request is decoded. It keeps its tokens for the next one. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Number of the sequence in its context. */
  readonly place: EvaluationPriority;
  busy: boolean;
  /** Turn of the scheduler at which it was last given away. */
  lastUsed: number;
  /** How many of its tokens came as part of a prompt; the rest was generated. */
  promptTokens: number;
  /** Who looks at the logits of the call that is being made. */
  watch: LogitWatch | null;
}
