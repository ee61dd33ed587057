import { queryOptions } from "@tanstack/react-query";
import type { Page } from "@hearth/wire/hub/common";
import { hub } from "./hub.ts";

/*
 * What several rooms ask of the hub. A key stands for one answer in the whole page: two rooms that made up the
 * same key for different answers would read each other's.
 */

/** As many as the hub gives at a time. */
const pageSize = 200;

/** Every page of a list, one after the other. */
async function everything<T>(list: (page: number) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; ; page++) {
    const { items, total } = await list(page);
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}

/** What the hub is doing right now. */
export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => hub.status({ signal }),
  meta: { topics: ["serving", "jobs", "machine"] },
});

/** How busy the hub's machine is, with its last ten minutes. */
export const machineQuery = queryOptions({
  queryKey: ["machine"],
  queryFn: ({ signal }) => hub.machine({ signal }),
  meta: { topics: ["machine"] },
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
  queryFn: ({ signal }) => everything((page) => hub.models.list({ page, pageSize, signal })),
  meta: { topics: ["models"] },
});

/** Every version of every dataset. */
export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => everything((page) => hub.datasets.list({ page, pageSize, signal })),
  meta: { topics: ["datasets"] },
});

/** One version of a model. */
export const versionQuery = (model: string, version: number) =>
  queryOptions({
    queryKey: ["models", model, "versions", version],
    queryFn: ({ signal }) => hub.models.version(model, version, { signal }),
    meta: { topics: ["models"] },
  });

/** One experiment. */
export const experimentQuery = (id: string) =>
  queryOptions({
    queryKey: ["experiments", id],
    queryFn: ({ signal }) => hub.experiments.get(id, { signal }),
    meta: { topics: ["runs"] },
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
