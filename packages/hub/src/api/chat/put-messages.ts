import { chatSessionWithMessages, putMessagesRequest } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const putChatMessages = operation({
  method: "PUT",
  path: "/chat/sessions/{id}/messages",
  name: "putChatMessages",
  summary: "Replace the messages of a conversation, for example by those of an export with its branches",
  tag: "chat",
  body: putMessagesRequest,
  bodyLimit: 64 * 2 ** 20,
  responses: { 200: { description: "The conversation", schema: chatSessionWithMessages } },
  handle: ({ services, params, body }) => services.chat.sessions.put(required(params, "id"), body.messages),
});
