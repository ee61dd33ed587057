import { responseObject } from "@hearth/wire/openai/responses/response";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const getResponse = operation({
  method: "GET",
  path: "/v1/responses/{id}",
  name: "getResponse",
  summary: "A stored response (OpenAI)",
  tag: "openai",
  dialect: "openai",
  responses: { 200: { description: "The response", schema: responseObject } },
  async handle({ services, params }) {
    return (await services.responses.get(required(params, "id"))).response;
  },
});
