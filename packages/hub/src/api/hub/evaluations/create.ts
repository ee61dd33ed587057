import {
  evaluation,
  evaluationRequest,
  type Evaluation,
  type EvaluationRequest,
} from "@hearth/wire/hub/evaluation";
import { serialiseError } from "../../../errors.ts";
import { operation } from "../../operation.ts";
import type { EvaluationProgress, Services } from "../../services.ts";
import { eventStream, type ServerSentEvent } from "../../sse.ts";

export const createEvaluation = operation({
  method: "POST",
  path: "/evaluations",
  name: "createEvaluation",
  summary: "Evaluate a version on a data set; with `Accept: text/event-stream` it reports progress",
  tag: "evaluations",
  body: evaluationRequest,
  responses: {
    201: {
      description: "The evaluation; as a stream: `progress`, then `done` or `error`",
      schema: evaluation,
    },
  },
  async handle({ services, body, request, signal }) {
    if (!(request.headers.get("accept") ?? "").includes("text/event-stream")) {
      return services.evaluations.run(body, signal, () => {});
    }
    // What can be wrong with the request is a status, not an event.
    await services.models.resolve(body.model);
    await services.datasets.get(body.dataset);
    return eventStream(progress(services, body, signal));
  },
});

type Message = { progress: EvaluationProgress } | { done: Evaluation } | { failed: unknown };

async function* progress(
  services: Services,
  request: EvaluationRequest,
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  const stopped = new AbortController();
  const messages: Message[] = [];
  let wake = Promise.withResolvers<void>();
  const send = (message: Message) => {
    // Only the newest progress matters to a slow reader.
    if ("progress" in message && messages.length > 0) messages.pop();
    messages.push(message);
    wake.resolve();
  };
  services.evaluations
    .run(request, AbortSignal.any([signal, stopped.signal]), (state) => send({ progress: state }))
    .then((result) => send({ done: result }))
    .catch((error: unknown) => send({ failed: error }));
  try {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers();
      for (const message of messages.splice(0)) {
        if ("progress" in message) {
          yield { event: "progress", data: message.progress };
          continue;
        }
        yield "done" in message
          ? { event: "done", data: message.done }
          : { event: "error", data: serialiseError(message.failed) };
        return;
      }
    }
  } finally {
    stopped.abort();
  }
}
