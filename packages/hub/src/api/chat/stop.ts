import { z } from "zod";
import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const stopChatAnswers = operation({
  method: "POST",
  path: "/chat/sessions/{id}/stop",
  name: "stopChatAnswers",
  summary: "Stop what is being answered in a conversation, or one of its answers; what has come is kept",
  tag: "chat",
  body: z.strictObject({ message_id: z.string().optional() }),
  responses: { 204: { description: "Stopped, as far as anything ran" } },
  handle: async ({ services, params, body }) => services.chat.stop(required(params, "id"), body.message_id),
});
