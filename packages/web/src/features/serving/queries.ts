import type { StatisticsWindow } from "@hearth/wire/hub/serving-statistics";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";

/** What each model did lately; time itself moves it on, too. */
export const statisticsQuery = (window: StatisticsWindow) =>
  queryOptions({
    queryKey: ["serving", "statistics", window],
    queryFn: ({ signal }) => hub.serving.statistics(window, { signal }),
    placeholderData: keepPreviousData,
    meta: { topics: ["traces", "machine"] },
  });

/** What happened to engines. */
export const eventsQuery = queryOptions({
  queryKey: ["serving", "events"],
  queryFn: ({ signal }) => hub.serving.events({ signal }),
  meta: { topics: ["serving", "models"] },
});

/** What is kept on disk of prompts. */
export const cacheQuery = queryOptions({
  queryKey: ["serving", "cache"],
  queryFn: ({ signal }) => hub.serving.cache({ signal }),
  meta: { topics: ["serving"] },
});
