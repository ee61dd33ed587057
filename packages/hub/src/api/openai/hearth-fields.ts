import { keepAliveMs } from "../keep-alive.ts";
import type { Addressed, AnswerRequest } from "../services.ts";
import { isGiven } from "./refuse.ts";

interface HearthFields {
  model: string;
  user?: string | null | undefined;
  adapter?: string | null | undefined;
  truncate?: boolean | null | undefined;
  keep_alive?: number | string | null | undefined;
}

/** Who is asked, by OpenAI's `model` and Hearth's own fields. */
export function addressed(
  { model, user, adapter, keep_alive: keepAlive }: HearthFields,
  endpoint: string,
  receivedAt: number,
): Addressed {
  return {
    model,
    endpoint,
    receivedAt,
    user: user ?? null,
    ...(isGiven(adapter) ? { adapter } : {}),
    keepAliveMs: keepAliveMs(keepAlive),
  };
}

export function truncation({ truncate }: HearthFields): Pick<AnswerRequest, "truncate"> {
  return truncate === true ? { truncate } : {};
}
