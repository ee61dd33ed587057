import { liveEvent } from "@hearth/wire/hub/live";
import type { FeedEvent } from "../../services.ts";
import { operation } from "../../operation.ts";
import { eventStream, type ServerSentEvent } from "../../sse.ts";

export const liveEvents = operation({
  method: "GET",
  path: "/events",
  name: "liveEvents",
  summary:
    "What changes in this hub, as it changes; the header `Last-Event-ID` resumes, and a `reset` says that it could not",
  tag: "system",
  responses: {
    200: {
      description: "Server-sent events named by their `type`",
      contentType: "text/event-stream",
      schema: liveEvent,
    },
  },
  async handle({ services, request, signal, draining }) {
    const lastEventId = request.headers.get("last-event-id");
    return eventStream(named(services.live.follow(lastEventId, AbortSignal.any([signal, draining]))));
  },
});

async function* named(events: AsyncIterable<FeedEvent>): AsyncGenerator<ServerSentEvent> {
  for await (const { id, event } of events)
    yield { event: event.type, data: event, ...(id === null ? {} : { id }) };
}
