import type { Prompt } from "../../engine.ts";

/** Bytes that are tokenised in a few hundred milliseconds: up to here the exact length is worth them. */
const cheapBytes = 2 ** 18;

/** Tokens that a prompt has at least, known without tokenising it; 0 for one that is tokenised quickly. */
export function leastTokens(prompt: Prompt, longestPiece: number): number {
  const bytes = leastBytes(prompt);
  return bytes <= cheapBytes ? 0 : Math.ceil(bytes / longestPiece);
}

/**
 * Bytes of text that a prompt has in any case. Of a chat only what users say counts: templates may leave out what
 * else was said, and white space at the ends.
 */
export function leastBytes(prompt: Prompt): number {
  switch (prompt.kind) {
    case "tokens":
      return 0;
    case "text":
      return Buffer.byteLength(prompt.text);
    case "chat":
      return prompt.messages
        .filter(({ role }) => role === "user")
        .reduce(
          (sum, { content }) => sum + (typeof content === "string" ? Buffer.byteLength(content.trim()) : 0),
          0,
        );
  }
}
