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
  /** How many of its tokens, from the first, were taken in by full pieces. */
  wholePieces: number;
  /** Is what it holds likely to come again? A chat goes on; another prompt was used again already. */
  lasting: boolean;
  /** Who looks at the logits of the call that is being made. */
  watch: LogitWatch | null;
}
