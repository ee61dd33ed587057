import { z } from "zod";
import { keepAlive } from "../hub/serving.ts";

/** Fields of Hearth's own that every request for an answer may carry beside OpenAI's. */
export const hearthFields = {
  adapter: z
    .string()
    .min(1)
    .max(300)
    .nullish()
    .describe(
      "Hearth's own. An adapter version (`name`, `name:3`, `name@alias`) made for the base that `model` names; it answers instead. The same as naming it in `model`.",
    ),
  truncate: z
    .boolean()
    .nullish()
    .describe(
      "Hearth's own. true: a prompt longer than the context loses its oldest part (of a conversation, the oldest messages after the system messages) instead of being refused.",
    ),
  keep_alive: keepAlive
    .nullish()
    .describe(
      'Hearth\'s own. How long the model stays loaded when nobody uses it after this request: seconds, or a text such as "90s", "5m", "1h"; 0 unloads it at once, -1 keeps it until its memory is needed.',
    ),
};
