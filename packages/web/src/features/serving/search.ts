import { statisticsWindow, type StatisticsWindow } from "@hearth/wire/hub/serving-statistics";
import { z } from "zod";

/** What the page's address says of it. */
export const servingSearch = z.object({ window: statisticsWindow.optional().catch(undefined) });

export const defaultWindow: StatisticsWindow = "1h";

/** Windows in words, in the order of their length. */
export const windowNames: Record<StatisticsWindow, string> = {
  "5m": "5 min",
  "1h": "1 hour",
  "24h": "24 hours",
};
