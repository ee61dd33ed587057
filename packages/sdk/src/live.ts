import { liveEvent, type LiveEvent } from "@hearth/wire/hub/live";
import { parseEvent } from "./parse-event.ts";
import type { CallOptions, Transport } from "./transport.ts";

export interface LiveOptions extends CallOptions {
  /** Of the last event that was read: what came since is told first. */
  lastEventId?: string | undefined;
}

/** An event with the place to resume from. */
export type LiveChange = LiveEvent & { lastEventId: string | undefined };

/** The hub's live feed from an earlier event or from now on. */
export async function* followLive(
  transport: Transport,
  { lastEventId, ...options }: LiveOptions,
): AsyncGenerator<LiveChange> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  let last = lastEventId;
  for await (const event of transport.events("GET", "/events", { ...options, headers })) {
    last = event.id ?? last;
    yield { ...parseEvent(liveEvent, event, "/events"), lastEventId: last };
  }
}
