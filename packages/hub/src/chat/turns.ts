import type { ChatMessage } from "@hearth/wire/chat/message";
import type { MessageStatus } from "@hearth/wire/chat/session";
import type { ChatRequest, TurnSettings } from "@hearth/wire/chat/turn";

/** What is left of a turn when it has ended; `complete` only when its stream said so itself. */
export interface TurnOutcome {
  status: Exclude<MessageStatus, "streaming">;
  error: string | null;
}

/** One answer that is being written: what it goes on from, and the keeping of what it says. */
export interface Turn {
  readonly sessionId: string;
  readonly answerId: string;
  /** The whole branch; ends with the prompt, or with the answer that is gone on with. */
  readonly messages: readonly ChatMessage[];
  /** Null: what the sidecar takes when nothing is said. */
  readonly providerId: string | null;
  readonly modelId: string | null;
  readonly settings: TurnSettings;
  /** Fulfilled when the prompt is on disk: nothing of the answer is passed on before. */
  readonly stored: Promise<void>;
  /** Aborts when somebody stops the answer from elsewhere, or its conversation is deleted. */
  readonly stopped: AbortSignal;
  /**
   * Keeps bytes of the stream, before they are passed on: what was shown survives the end of this process at any
   * moment. Cheap and synchronous. Throws when they cannot be kept; the turn must end then.
   */
  keep(bytes: Uint8Array): void;
  /** Fulfilled when the answer is in the database as it is now. Only the first call counts. */
  end(outcome: TurnOutcome): Promise<void>;
}

/** Asked before anything is kept; null: no provider is named. Throws what the turn is refused for. */
export type Admit = (providerId: string | null) => Promise<void> | void;

/** The way into the conversations for whoever passes turns on to a sidecar. */
export interface Turns {
  /**
   * Finds or begins the conversation, checks the branch against what is kept, and prepares the answer.
   *
   * @throws HearthError `invalid_request` for a branch that ends with nothing to answer, `conflict` when this very
   * answer is being written already.
   */
  begin(request: ChatRequest, admit?: Admit): Promise<Turn>;
}
