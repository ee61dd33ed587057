import { onlineManager, QueryClient } from "@tanstack/react-query";
import { HearthApiError, HubUnreachable } from "@hearth/sdk";
import type { LiveTopic } from "@hearth/wire/hub/live";

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: {
      /** What the answer is made of: it is asked for again when one of these changes. */
      topics?: readonly LiveTopic[];
      /** The one thing of its topics that it is made of. Null: none, only what is told of no thing in particular. */
      thing?: string | null;
    };
  }
}

// The hub is most often on this very machine: whether that has a network says nothing of it. `live.tsx` tells.
onlineManager.setEventListener(() => undefined);

/** What the page knows of the hub. A refusal (4xx) stays one when it is asked again; silence may not. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => {
        // Long enough to learn that the hub is away; then the question waits until it is back.
        if (error instanceof HubUnreachable) return failures < 3;
        return !(error instanceof HearthApiError && error.status < 500) && failures < 1;
      },
    },
    // What somebody wants done is done now or refused now, not at some moment later.
    mutations: { networkMode: "always" },
  },
});
