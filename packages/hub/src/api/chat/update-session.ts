import { chatSession, updateSessionRequest } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const updateChatSession = operation({
  method: "PATCH",
  path: "/chat/sessions/{id}",
  name: "updateChatSession",
  summary: "Rename, tag or archive a conversation, or choose its model and settings",
  tag: "chat",
  body: updateSessionRequest,
  responses: { 200: { description: "The conversation", schema: chatSession } },
  handle: ({ services, params, body }) => services.chat.sessions.update(required(params, "id"), body),
});
