import { inputItemList, inputItemQuery } from "@hearth/wire/openai/responses/stored-items";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";
import { refusal } from "../refuse.ts";

export const listInputItems = operation({
  method: "GET",
  path: "/v1/responses/{id}/input_items",
  name: "listInputItems",
  summary: "What a stored response was asked (OpenAI)",
  tag: "openai",
  dialect: "openai",
  query: inputItemQuery,
  responses: { 200: { description: "The items, without those of earlier responses", schema: inputItemList } },
  async handle({ services, params, query }) {
    const { input } = await services.responses.get(required(params, "id"));
    const items = query.order === "asc" ? input : input.toReversed();
    const from = query.after === undefined ? 0 : items.findIndex(({ id }) => id === query.after) + 1;
    if (query.after !== undefined && from === 0)
      throw refusal("after", `after is ${query.after}, which is no item of this response.`);
    const data = items.slice(from, from + query.limit);
    return {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: from + data.length < items.length,
    };
  },
});
