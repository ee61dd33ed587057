export type { ChatAnswer, ChatMessage, ChatOptions } from "./chat.ts";
export { HearthClient, DEFAULT_URL } from "./client.ts";
export type { ClientOptions, UploadedFile } from "./client.ts";
export { HearthApiError, HubUnreachable, UnexpectedAnswer } from "./errors.ts";
