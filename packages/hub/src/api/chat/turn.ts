import { chatRequest, turnBodyLimit } from "@hearth/wire/chat/turn";
import { operation } from "../operation.ts";

export const chatTurn = operation({
  method: "POST",
  path: "/chat",
  name: "chat",
  summary: "Answer a turn of a conversation as the AI SDK's UI message stream; both are kept",
  tag: "chat",
  body: chatRequest,
  bodyLimit: turnBodyLimit,
  responses: {
    200: {
      description: "A UI message stream (`x-vercel-ai-ui-message-stream: v1`)",
      contentType: "text/event-stream",
    },
  },
  handle: ({ services, body, signal }) => services.chat.turn(body, signal),
});
