import type { ChatMessage } from "@hearth/wire/chat/message";
import type { ChatRequest } from "@hearth/wire/chat/turn";
import type { TestHub } from "../test-hub.ts";

/** A prompt as a page sends it. */
export function prompt(text: string, id = `u-${text}`): ChatMessage {
  return { id, role: "user", parts: [{ type: "text", text }] };
}

/** An answer of the hub, read to its end. */
export interface Answered {
  status: number;
  headers: Headers;
  /** The body as it came. */
  body: string;
  /** Its chunks, where it is a stream. */
  chunks: { type: string; [name: string]: unknown }[];
}

/** Asks for a turn and reads what comes to its end. */
export async function ask(hub: TestHub, request: ChatRequest): Promise<Answered> {
  const response = await hub.post("/api/chat", request);
  const body = await response.text();
  const chunks = body
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)));
  return { status: response.status, headers: response.headers, body, chunks };
}
