import { chatSessionWithMessages, exportQuery } from "@hearth/wire/chat/session";
import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const exportChatSession = operation({
  method: "GET",
  path: "/chat/sessions/{id}/export",
  name: "exportChatSession",
  summary: "A conversation as a file: all of it as JSON, or its newest branch as Markdown",
  tag: "chat",
  query: exportQuery,
  responses: { 200: { description: "The file", schema: chatSessionWithMessages } },
  async handle({ services, params, query }) {
    const { name, type, text } = await services.chat.export(required(params, "id"), query.format);
    return new Response(text, {
      headers: {
        "content-type": `${type}; charset=utf-8`,
        "content-disposition": `attachment; filename="${name}"`,
        "x-content-type-options": "nosniff",
      },
    });
  },
});
