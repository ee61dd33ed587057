import type { Serializable } from "node:child_process";
import { serialiseError } from "../errors.ts";

/**
 * Makes this process one that is asked once (see `ask-child.ts`): the first message is given to `answer`, its result
 * or refusal is sent back, and the process ends.
 */
export function answerParent(answer: (command: unknown) => Promise<Serializable | null>): void {
  process.once("message", (message) => {
    void answer(message)
      .then(
        (result) => process.send?.({ type: "answered", answer: result }),
        (error: unknown) => {
          const { code, message: text, details } = serialiseError(error);
          process.send?.({ type: "refused", error: { code, message: text, details } });
        },
      )
      .finally(() => process.disconnect());
  });
  process.send?.({ type: "ready" });
}
