import { deletedResponse } from "@hearth/wire/openai/responses/response";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const deleteResponse = operation({
  method: "DELETE",
  path: "/v1/responses/{id}",
  name: "deleteResponse",
  summary: "Forget a stored response; those that go on from it can no longer be gone on from (OpenAI)",
  tag: "openai",
  dialect: "openai",
  responses: { 200: { description: "It is gone", schema: deletedResponse } },
  async handle({ services, params }) {
    const id = required(params, "id");
    await services.responses.remove(id);
    return { id, object: "response", deleted: true };
  },
});
