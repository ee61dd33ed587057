export { HearthClient } from "./client.ts";
export { HearthApiError, HubUnreachable, UnexpectedAnswer } from "./errors.ts";
export type { ChatAnswer, ChatMessage, ChatOptions } from "./chat.ts";
export { readServerSentEvents } from "./server-sent-events.ts";
export type { ServerSentEvent } from "./server-sent-events.ts";
export type { UploadedFile } from "./datasets.ts";
export type { EvaluateOptions } from "./evaluations.ts";
export type { CallOptions, ClientOptions, ListOptions } from "./transport.ts";
export { DEFAULT_URL } from "./transport.ts";
