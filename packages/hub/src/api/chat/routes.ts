import type { Operation } from "../operation.ts";
import { getChatConfig, putChatConfig, reloadChat, validateChatConfig } from "./config.ts";
import { createChatSession } from "./create-session.ts";
import { deleteChatSession } from "./delete-session.ts";
import { exportChatSession } from "./export-session.ts";
import { generateChatTitle } from "./generate-title.ts";
import { getChatSession } from "./get-session.ts";
import { listChatSessions } from "./list-sessions.ts";
import { putChatMessages } from "./put-messages.ts";
import { stopChatAnswers } from "./stop.ts";
import { getChatStorage } from "./storage.ts";
import { callHubTool, listHubTools, listToolCalls } from "./tools.ts";
import { chatTurn } from "./turn.ts";
import { updateChatSession } from "./update-session.ts";

/** The chat's part of the route table. */
export const chatOperations: readonly Operation[] = [
  chatTurn,
  listChatSessions,
  createChatSession,
  getChatSession,
  updateChatSession,
  deleteChatSession,
  putChatMessages,
  exportChatSession,
  stopChatAnswers,
  getChatStorage,
  generateChatTitle,
  getChatConfig,
  putChatConfig,
  validateChatConfig,
  reloadChat,
  listHubTools,
  callHubTool,
  listToolCalls,
];
