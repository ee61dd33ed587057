import type { ChatAnswer, ChatOptions, HearthClient } from "@hearth/sdk";
import type { Output } from "./output.ts";
import { printable } from "./printable.ts";

/** Streams one answer to the person and returns it whole. */
export async function streamAnswer(
  client: HearthClient,
  output: Output,
  options: ChatOptions,
): Promise<ChatAnswer> {
  const stream = client.chat(options);
  for (;;) {
    const next = await stream.next();
    if (next.done) {
      output.write("\n");
      return next.value;
    }
    output.write(printable(next.value));
  }
}

/** `24 tokens, first after 18 ms, 310 tokens/s, by triage:2` */
export function describeAnswer(answer: ChatAnswer): string {
  return [
    `${answer.completionTokens} tokens`,
    `first after ${answer.ttftMs.toFixed(0)} ms`,
    ...(answer.tokensPerSecond > 0 ? [`${answer.tokensPerSecond.toFixed(0)} tokens/s`] : []),
    `by ${answer.model}`,
  ].join(", ");
}
