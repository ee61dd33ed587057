import { openaiModel } from "@hearth/wire/openai/models";
import { operation } from "../operation.ts";
import { required } from "../required.ts";
import { entry } from "./model-names.ts";

export const getOpenaiModel = operation({
  method: "GET",
  path: "/v1/models/{model}",
  name: "getOpenaiModel",
  summary: "One name: `name`, `name:3` or `name@alias` (OpenAI)",
  tag: "openai",
  dialect: "openai",
  responses: { 200: { description: "The name", schema: openaiModel } },
  async handle({ services, params }) {
    const reference = required(params, "model");
    const version = await services.models.resolve(reference);
    return entry(reference, version.created_at);
  },
});
