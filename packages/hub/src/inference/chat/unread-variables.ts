import type { ChatPrompt } from "../engine.ts";
import { InvalidRequest } from "../errors.ts";

/**
 * Refuses variables that a model's chat template never names, because rendering would leave them out in
 * silence. A model that does not speak of thoughts at all need not be told not to think.
 */
export function refuseUnreadVariables(template: string, variables: ChatPrompt["templateVariables"]): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    const named = /^\w+$/.test(name) && new RegExp(`\\b${name}\\b`).test(template);
    if (named || (name === "enable_thinking" && value === false && !/think|analysis/i.test(template)))
      continue;
    const field = `chat_template_kwargs.${name}`;
    throw new InvalidRequest(
      `${field} is not possible here: this model's chat template reads no variable "${name}". Leave it out.`,
      { field },
    );
  }
}
