import { chatSessionPage, listSessionsQuery } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";

export const listChatSessions = operation({
  method: "GET",
  path: "/chat/sessions",
  name: "listChatSessions",
  summary: "Conversations, the one that was spoken in last first; found by title and by what was said",
  tag: "chat",
  query: listSessionsQuery,
  responses: { 200: { description: "A page of conversations", schema: chatSessionPage } },
  handle: ({ services, query }) => services.chat.sessions.list(query),
});
