import { queryOptions } from "@tanstack/react-query";
import type { ModelEvent } from "@hearth/wire/hub/models";
import { hub } from "../../hub/hub.ts";

const pageSize = 200;
/** Events that are read; what is older is seldom of interest, and is told to be there. */
export const mostEvents = 1000;

/** A model's history, newest first. */
export const historyQuery = (model: string) =>
  queryOptions({
    queryKey: ["model", model, "history"],
    queryFn: async ({ signal }) => {
      const events: ModelEvent[] = [];
      for (let page = 1; ; page++) {
        const { items, total } = await hub.models.history(model, { page, pageSize, signal });
        events.push(...items);
        if (page * pageSize >= Math.min(total, mostEvents)) return { events, total };
      }
    },
    meta: { topics: ["models", "evaluations"] },
  });
