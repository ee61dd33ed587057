import { chatConfig, validateConfigResponse } from "@hearth/wire/chat/config";
import { z } from "zod";
import { operation } from "../operation.ts";

export const getChatConfig = operation({
  method: "GET",
  path: "/chat/config",
  name: "getChatConfig",
  summary: "Providers without their keys, settings, and how the AI service is",
  tag: "chat",
  responses: { 200: { description: "What is in force", schema: chatConfig } },
  handle: async ({ services }) => services.chat.config(),
});

export const putChatConfig = operation({
  method: "PUT",
  path: "/chat/config",
  name: "putChatConfig",
  summary: "Write chat.config.json; a provider that names no key keeps the one that it had",
  tag: "chat",
  body: z.unknown(),
  responses: { 200: { description: "What is in force now", schema: chatConfig } },
  handle: ({ services, body }) => services.chat.replaceConfig(body),
});

export const validateChatConfig = operation({
  method: "POST",
  path: "/chat/config/validate",
  name: "validateChatConfig",
  summary: "What is wrong with a configuration; nothing is written",
  tag: "chat",
  body: z.unknown(),
  responses: { 200: { description: "The verdict", schema: validateConfigResponse } },
  async handle({ services, body }) {
    const errors = services.chat.validateConfig(body);
    return { valid: errors.length === 0, errors };
  },
});

export const reloadChat = operation({
  method: "POST",
  path: "/chat/reload",
  name: "reloadChat",
  summary: "Replace the sidecars; the old ones end with their last turn",
  tag: "chat",
  body: z.strictObject({}),
  responses: { 200: { description: "What is in force now", schema: chatConfig } },
  handle: ({ services, signal }) => services.chat.reload(signal),
});
