import { chatSessionWithMessages } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const getChatSession = operation({
  method: "GET",
  path: "/chat/sessions/{id}",
  name: "getChatSession",
  summary: "A conversation with all of its branches, also while it is answered",
  tag: "chat",
  responses: { 200: { description: "The conversation", schema: chatSessionWithMessages } },
  handle: ({ services, params }) => services.chat.sessions.get(required(params, "id")),
});
