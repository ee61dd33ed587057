import { chatStorage } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";

export const getChatStorage = operation({
  method: "GET",
  path: "/chat/storage",
  name: "getChatStorage",
  summary: "How many conversations there are, and what they take",
  tag: "chat",
  responses: { 200: { description: "Numbers", schema: chatStorage } },
  handle: ({ services }) => services.chat.sessions.storage(),
});
