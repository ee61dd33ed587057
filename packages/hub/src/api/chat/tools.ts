import {
  auditedCallPage,
  auditQuery,
  callToolRequest,
  callToolResponse,
  hubToolList,
} from "@hearth/wire/chat/tools";
import { operation } from "../operation.ts";
import { required } from "../required.ts";

export const listHubTools = operation({
  method: "GET",
  path: "/chat/tools",
  name: "listHubTools",
  summary: "The tools into the hub that models and other agents are offered",
  tag: "chat",
  responses: { 200: { description: "The tools", schema: hubToolList } },
  handle: async ({ services }) => ({ items: services.chat.tools.list() }),
});

export const callHubTool = operation({
  method: "POST",
  path: "/chat/tools/{name}",
  name: "callHubTool",
  summary: "Run a tool. Of the chat, one that changes something needs a person's approval for this very call",
  tag: "chat",
  body: callToolRequest,
  responses: { 200: { description: "What it returned", schema: callToolResponse } },
  handle: async ({ services, params, body, signal }) => ({
    output: await services.chat.tools.call(required(params, "name"), body, signal),
  }),
});

export const listToolCalls = operation({
  method: "GET",
  path: "/chat/tool-calls",
  name: "listToolCalls",
  summary: "The audit: which tool was called with what, who allowed it, and what came of it",
  tag: "chat",
  query: auditQuery,
  responses: { 200: { description: "A page of calls, the newest first", schema: auditedCallPage } },
  handle: ({ services, query }) => services.chat.tools.audit(query),
});
