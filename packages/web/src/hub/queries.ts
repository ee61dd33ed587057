import { queryOptions } from "@tanstack/react-query";
import { hub } from "./hub.ts";

/*
 * What several rooms ask of the hub. A key stands for one answer in the whole page: two rooms that made up the
 * same key for different answers would read each other's.
 */

/** More than a menu is read through. */
const most = 200;

/** What the hub is doing right now. */
export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => hub.status({ signal }),
  meta: { topics: ["serving", "jobs", "machine"] },
});

/** Every name that can be asked, those of other servers too. */
export const modelNamesQuery = queryOptions({
  queryKey: ["models", "names"],
  queryFn: ({ signal }) => hub.models.names({ signal }),
  meta: { topics: ["models", "serving"] },
});

/** The hub's own models. */
export const modelsQuery = queryOptions({
  queryKey: ["models", "own"],
  queryFn: async ({ signal }) => (await hub.models.list({ pageSize: most, signal })).items,
  meta: { topics: ["models"] },
});

/** Every version of every dataset. */
export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: async ({ signal }) => (await hub.datasets.list({ pageSize: most, signal })).items,
  meta: { topics: ["datasets"] },
});

/** One version of a model. */
export const versionQuery = (model: string, version: number) =>
  queryOptions({
    queryKey: ["models", model, "versions", version],
    queryFn: ({ signal }) => hub.models.version(model, version, { signal }),
    meta: { topics: ["models"] },
  });

/** One run with its parameters, tags and the latest value of each metric. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", id],
    queryFn: ({ signal }) => hub.runs.get(id, { signal }),
    meta: { topics: ["runs"] },
  });

/** The chat's providers, and how its service is. */
export const chatConfigQuery = queryOptions({
  queryKey: ["chat", "config"],
  queryFn: ({ signal }) => hub.conversations.config({ signal }),
  // Each conversation that changes is told under the same topic.
  meta: { topics: ["chat"], thing: null },
});
