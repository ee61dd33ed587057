/** Fields beyond OpenAI's schema that some servers understand, by their names on the wire. */
const extensionNames = [
  "top_k",
  "min_p",
  "repetition_penalty",
  "repeat_penalty",
  "chat_template_kwargs",
] as const;
export type Extension = (typeof extensionNames)[number];

/** One server that speaks OpenAI's API. */
export interface ServerAddress {
  /** The provider's name in the settings; errors tell it. */
  provider: string;
  /** Up to and without the slash before `chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  url: string;
  /** Sent to this server and told to nobody else. */
  apiKey: string | null;
  /** The variable that the key is read from, for errors. */
  apiKeyVariable: string | null;
  extensions: readonly Extension[];
  /** Without any sign of progress for this long, a request fails. */
  timeoutMs: number;
}
