import type {
  Addressed,
  Answer,
  AnswerEvent,
  AnswerRequest,
  Embedded,
  EmbeddingRequest,
  Generation,
} from "../api/services.ts";
import { HearthError } from "../errors.ts";
import { checkedAnswer } from "../inference/checked-answer.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { Admitted } from "../inference/pool.ts";
import { AnswerProgress, type AnswerRecords } from "./answer-progress.ts";
import type { AnswerSource } from "./answer-sources.ts";
import { RunningRequests, type RunningEntry } from "./running-requests.ts";
import { clientOf, currentCaller } from "./middleware/caller.ts";

export interface GenerationDependencies extends AnswerRecords {
  /** What answers to the name of a model; throws what the caller should see. */
  source: (request: Addressed) => Promise<AnswerSource>;
  running?: RunningRequests;
}

/**
 * Where engines, traces and metrics meet: what a reference stands for answers, and whatever way
 * it ends, one trace names the version, its checksum and its run.
 */
export function createGeneration({
  source: sourceOf,
  running = new RunningRequests(),
  ...records
}: GenerationDependencies): Generation {
  const begin = async (request: AnswerRequest | EmbeddingRequest, signal: AbortSignal) => {
    const source = await sourceOf(request);
    const { traceparent } = currentCaller();
    const progress = new AnswerProgress(records, request, source, traceparent);
    const { endpoint } = request;
    const entry = running.begin({ trace_id: progress.traceId, endpoint, model: source.by.reference }, signal);
    return { source, progress, entry };
  };
  return {
    async start(request: AnswerRequest, asking: AbortSignal): Promise<Answer> {
      const { source, progress, entry } = await begin(request, asking);
      const { signal } = entry;
      const { model: _m, adapter: _a, endpoint: _e, receivedAt: _r, user, truncate, ...asked } = request;
      const admitted = admission(progress, user);
      try {
        if (truncate === true) asked.prompt = await source.fit(asked, signal);
        const generated = checkedAnswer(source.generate({ ...asked, ...admitted }, signal), asked);
        const first = await generated.next();
        if (first.done === true || first.value.type !== "started") {
          throw new HearthError("generation_failed", "The engine did not begin the answer; ask again.");
        }
        progress.promptTokens = first.value.promptTokens;
        progress.cachedTokens = first.value.cachedTokens;
        return {
          by: source.by,
          traceId: progress.traceId,
          get promptTokens() {
            return progress.promptTokens;
          },
          get cachedTokens() {
            return progress.cachedTokens;
          },
          promptLogprobs: first.value.promptLogprobs,
          events: follow(generated, progress, entry),
        };
      } catch (error) {
        const reason = entry.reason(error);
        entry.end();
        progress.failed(reason);
        throw reason;
      }
    },
    async embed(request: EmbeddingRequest, asking: AbortSignal): Promise<Embedded> {
      const { source, progress, entry } = await begin(request, asking);
      const { signal } = entry;
      try {
        const { inputs, keepAliveMs, user } = request;
        const embeddings = await source.embed({ inputs, keepAliveMs, ...admission(progress, user) }, signal);
        progress.embedded(embeddings.reduce((sum, { tokens }) => sum + tokens, 0));
        return { by: source.by, traceId: progress.traceId, embeddings };
      } catch (error) {
        const reason = entry.reason(error);
        progress.failed(reason);
        throw reason;
      } finally {
        entry.end();
      }
    },
  };
}

/** Who waits, and where the wait is noted. */
function admission(progress: AnswerProgress, user: string | null | undefined) {
  return {
    client: clientOf(currentCaller(), user),
    onAdmitted: ({ queueMs }: Admitted): void => progress.admitted(queueMs),
  };
}

async function* follow(
  generated: AsyncIterable<GenerateEvent>,
  progress: AnswerProgress,
  entry: RunningEntry,
): AsyncGenerator<AnswerEvent, void, void> {
  try {
    for await (const event of generated) {
      if (event.type === "tokens") {
        progress.tokens(event);
        entry.tokens(event.ids.length);
        yield event;
      } else if (event.type === "done") {
        progress.done(event);
        yield {
          type: "done",
          finishReason: event.finishReason,
          completionTokens: event.completionTokens,
          reasoningTokens: event.reasoningTokens ?? 0,
          ttftMs: progress.ttftMs,
          latencyMs: progress.latencyMs,
        };
        return;
      }
    }
    throw new HearthError("generation_failed", "The engine ended the answer without saying why; ask again.");
  } catch (error) {
    const reason = entry.reason(error);
    progress.failed(reason);
    throw reason;
  } finally {
    entry.end();
    // The reader left early: its client is gone.
    progress.left();
  }
}
