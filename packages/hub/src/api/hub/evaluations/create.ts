import {
  evaluation,
  evaluationRequest,
  type EvaluationEvent,
  type EvaluationRequest,
} from "@hearth/wire/hub/evaluation";
import { serialiseError } from "../../../errors.ts";
import { operation } from "../../operation.ts";
import type { Services } from "../../services.ts";
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
      description: "The evaluation; as a stream: `progress`, then `result` or `error`",
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
    return eventStream(evaluationEvents(services, body, signal));
  },
});

async function* evaluationEvents(
  services: Services,
  request: EvaluationRequest,
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  const stopped = new AbortController();
  const pending: EvaluationEvent[] = [];
  let wake = Promise.withResolvers<void>();
  const send = (event: EvaluationEvent) => {
    // Only the newest progress matters to a slow reader.
    if (pending.at(-1)?.type === "progress") pending.pop();
    pending.push(event);
    wake.resolve();
  };
  services.evaluations
    .run(request, AbortSignal.any([signal, stopped.signal]), (progress) =>
      send({ type: "progress", ...progress }),
    )
    .then((evaluation) => send({ type: "result", evaluation }))
    .catch((error: unknown) => send({ type: "error", error: serialiseError(error) }));
  try {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers();
      for (const event of pending.splice(0)) {
        yield { event: event.type, data: event };
        if (event.type !== "progress") return;
      }
    }
  } finally {
    stopped.abort();
  }
}
