import { chatConfig, type ChatConfig } from "@hearth/wire/chat/config";
import type { ChatMessage } from "@hearth/wire/chat/message";
import { chatSessionWithMessages, type ChatSessionWithMessages } from "@hearth/wire/chat/session";
import type { ChatRequest } from "@hearth/wire/chat/turn";

/** Makes a scripted provider the one that answers in a hub. */
export async function useProvider(hubUrl: string, baseURL: string): Promise<void> {
  const put = await fetch(`${hubUrl}/api/chat/config`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      version: "1.0",
      providers: [{ id: "scripted", baseURL, models: [{ id: "one", default: true }, { id: "two" }] }],
      settings: { defaultProviderId: "scripted" },
    }),
  });
  if (put.status !== 200) throw new Error(await put.text());
}

/** One turn, with a prompt `<session>-<prompt>` unless messages are given. */
export function ask(
  hubUrl: string,
  sessionId: string,
  prompt: string,
  more: Partial<ChatRequest> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${hubUrl}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      sessionId,
      messages: [userMessage(prompt)],
      settings: { tools: "none" },
      ...more,
    }),
    signal: signal ?? null,
  });
}

export function userMessage(text: string): ChatMessage {
  return { id: `u-${text}`, role: "user", parts: [{ type: "text", text }] };
}

/** A conversation as the hub keeps it. */
export async function kept(hubUrl: string, sessionId: string): Promise<ChatSessionWithMessages> {
  const answer = await fetch(`${hubUrl}/api/chat/sessions/${sessionId}`);
  return chatSessionWithMessages.parse(await answer.json());
}

/** The text of the newest answer, and how it stands. */
export async function lastAnswer(
  hubUrl: string,
  sessionId: string,
): Promise<{ text: string; status: string; error: string | null; message: ChatMessage }> {
  const { messages } = await kept(hubUrl, sessionId);
  const message = messages.findLast(({ role }) => role === "assistant");
  if (message === undefined) throw new Error("there is no answer");
  const text = message.parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { text, status: message.status, error: message.error, message };
}

export async function serviceOf(hubUrl: string): Promise<ChatConfig["service"]> {
  return chatConfig.parse(await (await fetch(`${hubUrl}/api/chat/config`)).json()).service;
}

/** A streamed answer that is read as far as a test wants. */
export class Reading {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  /** Everything that has come. */
  text = "";

  constructor(answer: Response) {
    if (answer.body === null || answer.status !== 200) throw new Error(`no stream: ${answer.status}`);
    this.#reader = answer.body.getReader();
  }

  /** Until this has come. */
  async until(words: string): Promise<this> {
    while (!this.text.includes(words)) if (!(await this.#more())) throw new Error(`ended: ${this.text}`);
    return this;
  }

  /** Until so many characters have come. */
  async reach(length: number): Promise<this> {
    while (this.text.length < length) if (!(await this.#more())) throw new Error(`ended: ${this.text}`);
    return this;
  }

  /** To its end, or to where it broke off. */
  async rest(): Promise<this> {
    try {
      while (await this.#more());
    } catch {
      // The connection is gone: what has come has come.
    }
    return this;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (value !== undefined) this.text += this.#decoder.decode(value, { stream: true });
    return !done;
  }
}
