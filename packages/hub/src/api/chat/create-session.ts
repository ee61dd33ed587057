import { chatSession, createSessionRequest } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";

export const createChatSession = operation({
  method: "POST",
  path: "/chat/sessions",
  name: "createChatSession",
  summary: "Begin a conversation; a turn without one does so by itself",
  tag: "chat",
  body: createSessionRequest,
  responses: { 201: { description: "The conversation", schema: chatSession } },
  handle: ({ services, body }) => services.chat.sessions.create(body),
});
