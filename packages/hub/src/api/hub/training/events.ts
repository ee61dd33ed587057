import { jobEvent, type JobEvent } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";
import { eventStream, type ServerSentEvent } from "../../sse.ts";

export const jobEvents = operation({
  method: "GET",
  path: "/training/jobs/{id}/events",
  name: "jobEvents",
  summary:
    "A job's state of now and everything that follows, until it ends; connecting again resumes from the state of then",
  tag: "training",
  responses: {
    200: {
      description: "Server-sent events named by their `type`",
      contentType: "text/event-stream",
      schema: jobEvent,
    },
  },
  async handle({ services, params, signal, draining }) {
    const id = required(params, "id");
    // An unknown job is a 404 rather than a stream that breaks.
    await services.training.get(id);
    return eventStream(named(services.training.events(id, AbortSignal.any([signal, draining]))));
  },
});

async function* named(events: AsyncIterable<JobEvent>): AsyncGenerator<ServerSentEvent> {
  for await (const event of events) yield { event: event.type, data: event };
}
