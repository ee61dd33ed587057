import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const deleteChatSession = operation({
  method: "DELETE",
  path: "/chat/sessions/{id}",
  name: "deleteChatSession",
  summary: "Delete a conversation; what is answered in it stops. The audit of its tools stays",
  tag: "chat",
  responses: { 204: { description: "Deleted" } },
  handle: ({ services, params }) => services.chat.sessions.remove(required(params, "id")),
});
