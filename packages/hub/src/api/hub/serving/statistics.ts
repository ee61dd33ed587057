import { servingStatistics, statisticsQuery } from "@hearth/wire/hub/serving-statistics";
import { operation } from "../../operation.ts";

export const getServingStatistics = operation({
  method: "GET",
  path: "/serving/statistics",
  name: "getServingStatistics",
  summary: "What each model did in the last five minutes, hour or day, in all and over time",
  tag: "serving",
  query: statisticsQuery,
  responses: { 200: { description: "The figures", schema: servingStatistics } },
  handle: async ({ services, query }) => services.servingFigures.statistics(query.window),
});
