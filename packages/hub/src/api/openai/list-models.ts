import { openaiModelList } from "@hearth/wire/openai/models";
import { operation } from "../operation.ts";
import { everyName } from "./model-names.ts";

export const listOpenaiModels = operation({
  method: "GET",
  path: "/v1/models",
  name: "listOpenaiModels",
  summary: "Every name that `model` may carry (OpenAI)",
  tag: "openai",
  dialect: "openai",
  responses: { 200: { description: "The names", schema: openaiModelList } },
  handle: async ({ services }) => ({ object: "list", data: await everyName(services) }),
});
