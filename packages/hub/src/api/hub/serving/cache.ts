import { servingCache } from "@hearth/wire/hub/serving-statistics";
import { operation } from "../../operation.ts";

export const getServingCache = operation({
  method: "GET",
  path: "/serving/cache",
  name: "getServingCache",
  summary: "Computed beginnings of prompts that are kept on disk",
  tag: "serving",
  responses: { 200: { description: "The cache", schema: servingCache } },
  handle: ({ services }) => services.servingFigures.cache(),
});
