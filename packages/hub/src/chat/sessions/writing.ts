import type { ChatMessage } from "@hearth/wire/chat/message";
import type { TurnSettings } from "@hearth/wire/chat/turn";
import type { Database } from "../../storage/database.ts";
import type { Turn, TurnOutcome } from "../turns.ts";
import { AnswerAssembler } from "./assembler.ts";
import type { Journal } from "./journal.ts";
import { saveAnswer } from "./save-answer.ts";

/** How far the database may be behind what was shown; the journal has the rest. */
const saveEveryMs = 500;
/** A last save that failed is tried again for an hour; after that the next hub's start does it. */
const retryEveryMs = 2_000;
const mostRetries = 1_800;

export interface WritingOptions extends Pick<
  Turn,
  "sessionId" | "answerId" | "messages" | "providerId" | "modelId" | "settings" | "stored"
> {
  database: Database;
  now: () => number;
  /** What the answer has already. */
  before: Pick<ChatMessage, "parts" | "metadata">;
  journal: Journal;
  /** After each save. */
  onSaved: () => void;
  /** Once, when the answer is in the database for good. */
  onEnded: () => void;
  /** A save in between that failed; the last one throws instead. */
  onFailed: (error: unknown) => void;
}

/** An answer on its way into the database. */
export class Writing implements Turn {
  readonly sessionId: string;
  readonly answerId: string;
  readonly messages: readonly ChatMessage[];
  readonly providerId: string | null;
  readonly modelId: string | null;
  readonly settings: TurnSettings;
  readonly stored: Promise<void>;
  readonly #options: WritingOptions;
  readonly #assembler: AnswerAssembler;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | null = null;
  /** Fulfilled when its last save is over, however that went. */
  readonly over: Promise<void>;
  readonly #over: () => void;

  constructor(options: WritingOptions) {
    this.sessionId = options.sessionId;
    this.answerId = options.answerId;
    this.messages = options.messages;
    this.providerId = options.providerId;
    this.modelId = options.modelId;
    this.settings = options.settings;
    this.stored = options.stored;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#over = resolve;
    this.#assembler = new AnswerAssembler({ parts: options.before.parts, metadata: options.before.metadata });
  }

  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends it from elsewhere. */
  stop(): void {
    this.#stop.abort(new DOMException("the answer was stopped", "AbortError"));
  }

  keep(bytes: Uint8Array): void {
    this.#options.journal.append(bytes);
    const weighty = this.#assembler.push(bytes);
    if (weighty) this.#save();
    else this.#timer ??= setTimeout(() => this.#save(), saveEveryMs);
  }

  end(outcome: TurnOutcome): Promise<void> {
    this.#ended ??= this.#finish(outcome);
    return this.#ended;
  }

  #save(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#write({ status: "streaming", error: null });
        this.#options.onSaved();
      } catch (error) {
        this.#options.onFailed(error);
      }
    });
  }

  async #finish({ status, error }: TurnOutcome): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Before its row is there, nothing of it can be saved; that it could not be made shows below.
    await this.stored.catch(() => undefined);
    await this.#saving;
    const { finished, aborted, error: told } = this.#assembler.assembled;
    // The stream's own word counts: one that broke off after its end is whole, one that told of an error failed.
    const own = told !== null ? "failed" : aborted ? "stopped" : finished ? "complete" : null;
    const outcome: TurnOutcome = {
      status: own ?? (status === "complete" ? "interrupted" : status),
      error: told ?? error,
    };
    try {
      await this.#write(outcome);
      await this.#options.journal.remove();
    } catch (failure) {
      this.#finishLater(outcome, mostRetries);
      throw failure;
    } finally {
      this.#options.onEnded();
      this.#over();
    }
  }

  /** The journal has it all, for this hub as for the next one: a disk that was full gets room again. */
  #finishLater(outcome: TurnOutcome, retries: number): void {
    if (retries === 0) return;
    const retry = async (): Promise<void> => {
      try {
        await this.#write(outcome);
        await this.#options.journal.remove();
        this.#options.onSaved();
      } catch {
        // Why was told the first time.
        this.#finishLater(outcome, retries - 1);
      }
    };
    setTimeout(() => void retry(), retryEveryMs).unref();
  }

  #write({
    status,
    error,
  }: Pick<TurnOutcome, "error"> & { status: TurnOutcome["status"] | "streaming" }): Promise<boolean> {
    const { database, now } = this.#options;
    const saved = { sessionId: this.sessionId, answerId: this.answerId, status, error };
    const write = status === "streaming" ? database.record : database.write;
    return write((db) => saveAnswer(db, { ...saved, assembled: this.#assembler.assembled }, now()));
  }
}
