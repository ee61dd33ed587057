import { QueryClient } from "@tanstack/react-query";
import { HearthApiError } from "@hearth/sdk";
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

/** What the page knows of the hub. A refusal (4xx) stays one when it is asked again; silence may not. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => !(error instanceof HearthApiError && error.status < 500) && failures < 1,
    },
  },
});
