import { generateTitleRequest, generateTitleResponse } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";

export const generateChatTitle = operation({
  method: "POST",
  path: "/chat/generate-title",
  name: "generateChatTitle",
  summary: "Name a conversation in 5 to 7 words, by its own model",
  tag: "chat",
  body: generateTitleRequest,
  responses: { 200: { description: "The name that it has now", schema: generateTitleResponse } },
  handle: async ({ services, body, signal }) => ({
    title: await services.chat.title(body.session_id, signal),
  }),
});
