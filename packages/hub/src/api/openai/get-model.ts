import { openaiModel } from "@hearth/wire/openai/models";
import { operation } from "../operation.ts";
import { required } from "../required.ts";
import { entry, otherEntry } from "./model-names.ts";

export const getOpenaiModel = operation({
  method: "GET",
  path: "/v1/models/{model}",
  name: "getOpenaiModel",
  summary: "One name: `name`, `name:3`, `name@alias` or `provider/model` (OpenAI)",
  tag: "openai",
  dialect: "openai",
  responses: { 200: { description: "The name", schema: openaiModel } },
  async handle({ services, params }) {
    const reference = required(params, "model");
    if (services.otherModels.names(reference)) {
      services.otherModels.find(reference);
      return otherEntry(reference);
    }
    const version = await services.models.resolve(reference);
    return entry(reference, version.created_at);
  },
});
