import { join } from "node:path";
import type { ServingFigures } from "../api/services.ts";
import { prefixCacheBytes } from "../inference/engines/llama/engine.ts";
import { storedPrefixes } from "../inference/engines/llama/prefix-room.ts";
import type { AnswerStatistics } from "../tracking/answer-statistics/answer-statistics.ts";
import type { EngineEvents } from "./engine-events.ts";

/** Numbers and events of serving, as the API has them. */
export function createServingFigures(options: {
  home: string;
  statistics: Pick<AnswerStatistics, "read">;
  events: Pick<EngineEvents, "list">;
}): ServingFigures {
  return {
    statistics: (window) => options.statistics.read(window),
    events: () => options.events.list(),
    cache: async () => ({
      ...(await storedPrefixes(join(options.home, "cache", "prefixes"))),
      limit_bytes: prefixCacheBytes,
    }),
  };
}
