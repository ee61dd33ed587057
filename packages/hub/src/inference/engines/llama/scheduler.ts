import { setTimeout as nextTimer } from "node:timers/promises";
import { serialiseError } from "../../../errors.ts";
import type { GenerateEvent, PromptLogprobs } from "../../engine.ts";
import { GenerationFailed } from "../../errors.ts";
import { Contexts } from "./contexts.ts";
import type { Generation } from "./generation.ts";
import type { LoadedLlama } from "./model.ts";
import type { EngineMessage, LlamaRequest } from "./protocol.ts";
import { nextToTakeIn } from "./prefill-order.ts";
import { place, readRequest } from "./request.ts";
import type { Waiting } from "./request.ts";
import { pieceOf, prefillChunk } from "./pieces.ts";
import type { SlotContext } from "./slot-context.ts";

type Step = Extract<EngineMessage, { type: "step" }>;

/**
 * Decodes all requests of one engine in rounds. In a round each context makes two calls to the
 * engine: every sequence that generates gives its next token, then a piece of a waiting prompt
 * is taken in. (In one call llama.cpp would split them up all the same, in a way that
 * depends on who else is there.) All sequences are asked in the same tick, because the library
 * sends off whatever has been asked for by the end of it: sequences asked one after the other
 * decode in smaller batches, at up to half the speed.
 */
export class Scheduler {
  readonly #model: LoadedLlama;
  readonly #report: (step: Step) => void;
  readonly #contexts: Contexts;
  readonly #cancelled = new Set<string>();
  #queue: Waiting[] = [];
  #running = false;
  #stopping = false;
  #ended: Promise<void> = Promise.resolve();
  #turn = 0;
  #events: Step["events"] = [];
  #failures: Step["failures"] = [];

  constructor(model: LoadedLlama, base: SlotContext, adapterContexts: number, report: (step: Step) => void) {
    this.#model = model;
    this.#report = report;
    this.#contexts = new Contexts(model, base, adapterContexts);
  }

  /** Queues a request. Its events, and its failure, come with the reports. */
  submit(request: LlamaRequest): void {
    try {
      this.#queue.push(readRequest(this.#model, request));
    } catch (error) {
      this.#failures.push([request.id, serialiseError(error)]);
    }
    this.#start();
  }

  /** Takes nothing more, and stores what slots hold after the round that is being decoded. */
  async stop(storeMs: number): Promise<void> {
    const until = performance.now() + storeMs;
    this.#stopping = true;
    await this.#ended;
    for (const context of this.#contexts) await context.store(until);
  }

  /** Ends a request before the next round, wherever it is by then. Nothing more is reported of it. */
  cancel(id: string): void {
    if (this.#running) this.#cancelled.add(id);
  }

  #start(): void {
    if (this.#running || this.#stopping) return;
    this.#running = true;
    this.#ended = this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopping) {
        await this.#dropCancelled();
        await this.#admit();
        const busy = [...this.#contexts].filter((context) => !context.idle);
        // Requests that came in together, and refusals, show at once.
        if (this.#events.length > 0 || this.#failures.length > 0) this.#flush();
        // With everything idle what waits came in while the last ones were being placed.
        if (busy.length === 0 && this.#queue.length === 0) break;
        for (const context of busy) {
          // The library frees a context's threads by a timer; before that the next one gets half of them.
          if (busy.length > 1 && this.#model.sharesThreads) await nextTimer();
          await this.#decode(context);
          await this.#prefill(context);
        }
      }
    } finally {
      this.#running = false;
    }
  }

  #flush(sequences = 0): void {
    const step: Step = {
      type: "step",
      events: this.#events,
      failures: this.#failures,
      adapters: this.#contexts.adapters,
      sequences,
    };
    this.#events = [];
    this.#failures = [];
    this.#report(step);
  }

  async #dropCancelled(): Promise<void> {
    if (this.#cancelled.size === 0) return;
    this.#queue = this.#queue.filter(({ request }) => !this.#cancelled.has(request.id));
    for (const context of this.#contexts) {
      for (const generation of context.active) {
        if (this.#cancelled.has(generation.id)) await this.#leave(context, generation);
      }
    }
    this.#cancelled.clear();
  }

  async #leave(context: SlotContext, generation: Generation): Promise<void> {
    context.active.delete(generation);
    await generation.end();
  }

  /** Gives free slots to waiting requests, the oldest first. */
  async #admit(): Promise<void> {
    const later: Waiting[] = [];
    const queue = this.#queue;
    this.#queue = [];
    for (const [index, waiting] of queue.entries()) {
      try {
        const outcome = await this.#place(waiting);
        if (outcome === "no slot") later.push(waiting);
        if (outcome === "no context") {
          // Whoever comes later waits too, or the adapters in use would never become idle.
          later.push(...queue.slice(index));
          break;
        }
      } catch (error) {
        this.#failures.push([waiting.request.id, serialiseError(error)]);
      }
    }
    // What arrived meanwhile comes after what was there.
    this.#queue = [...later, ...this.#queue];
  }

  async #place(waiting: Waiting): Promise<"placed" | "no slot" | "no context"> {
    const context = await this.#contexts.of(waiting.request.adapter);
    if (context === null) return "no context";
    const slot = context.freeSlot(waiting.prompt);
    if (slot === null) return "no slot";
    context.active.add(await place(waiting, slot, this.#model));
    slot.lastUsed = context.lastUsed = ++this.#turn;
    return "placed";
  }

  /** The next token of every sequence that generates. */
  async #decode(context: SlotContext): Promise<void> {
    const generating = [...context.active].filter(({ waiting }) => waiting === 0);
    if (generating.length === 0) return;
    const calls = context.decodesAlone ? generating.map((generation) => [generation]) : [generating];
    for (const call of calls) {
      const tokens = call.map((generation) => generation.step(1));
      const companions = context.accompany(call.map(({ slot }) => slot));
      const outcomes = await Promise.allSettled(tokens);
      await companions;
      for (const [index, generation] of call.entries()) {
        const outcome = outcomes[index];
        if (outcome !== undefined) await this.#settle(context, generation, outcome);
      }
    }
    this.#flush(generating.length);
  }

  /** A piece of one prompt. */
  async #prefill(context: SlotContext): Promise<void> {
    const generation = nextToTakeIn([...context.active], context.pieces++);
    if (generation === undefined) return;
    if (!generation.begun) await this.#begin(context, generation);
    if (!context.active.has(generation)) return;
    const piece = pieceOf(generation.waiting, prefillChunk);
    const [outcome] = await Promise.allSettled([generation.step(piece)]);
    await this.#settle(context, generation, outcome);
    this.#flush();
  }

  /** What a slot holds is only now decided, when those before it have taken in what it may share with them. */
  async #begin(context: SlotContext, generation: Generation): Promise<void> {
    const { slot, keepable, readsPrompt } = generation;
    try {
      generation.begin(await context.begin(slot, keepable, generation.lasting));
    } catch (error) {
      await this.#fail(context, generation, error);
      return;
    }
    if (!readsPrompt) await this.#started(context, generation, null);
  }

  /** Tells that an answer begins, which for one of no tokens is also its end. */
  async #started(
    context: SlotContext,
    generation: Generation,
    promptLogprobs: PromptLogprobs | null,
  ): Promise<void> {
    const { id, prompt, kept: cachedTokens, queueMs, answer } = generation;
    const started = { type: "started" as const, promptTokens: prompt.length, cachedTokens, queueMs };
    this.#emit(id, promptLogprobs === null ? started : { ...started, promptLogprobs });
    if (answer.limit > 0) return;
    this.#emit(id, answer.end("length", null));
    await this.#leave(context, generation);
  }

  async #settle(
    context: SlotContext,
    generation: Generation,
    outcome: PromiseSettledResult<number | null>,
  ): Promise<void> {
    if (outcome.status === "rejected") {
      await this.#fail(context, generation, outcome.reason);
      return;
    }
    const promptLogprobs = generation.takePromptLogprobs();
    if (promptLogprobs !== null) {
      await this.#started(context, generation, promptLogprobs);
      if (outcome.value === null && generation.answer.limit > 0) await generation.rewind();
    }
    if (outcome.value !== null) await this.#take(context, generation, outcome.value);
  }

  async #take(context: SlotContext, generation: Generation, token: number): Promise<void> {
    if (this.#cancelled.has(generation.id)) return;
    const { vocabulary } = this.#model;
    const endsTurn = this.#model.endsTurn(token);
    const { tokens, done } = generation.take({
      id: token,
      bytes: vocabulary.bytes(token),
      control: vocabulary.controlText(token),
      endsTurn,
    });
    this.#emit(generation.id, tokens);
    if (done === null) return;
    this.#emit(generation.id, done);
    await this.#leave(context, generation);
  }

  #emit(id: string, event: GenerateEvent): void {
    this.#events.push([id, event]);
  }

  async #fail(context: SlotContext, generation: Generation, reason: unknown): Promise<void> {
    const words = reason instanceof Error ? reason.message : String(reason);
    this.#failures.push([
      generation.id,
      serialiseError(new GenerationFailed(`The engine could not go on: ${words}`, { cause: reason })),
    ]);
    // What the slot holds is not known any more.
    await generation.slot.sequence.clearHistory();
    await this.#leave(context, generation);
  }
}
