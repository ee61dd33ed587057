import { HearthError } from "../../errors.ts";

/** A field that does not fit the others of its request. */
export function refusal(field: string, message: string): HearthError {
  return new HearthError("invalid_request", message, { details: { field } });
}

/** OpenAI's null means "not given". */
export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== null && value !== undefined;
}

/** `stream_options` says how to stream, so it needs `stream`. */
export function refuseLoneStreamOptions(body: {
  stream?: boolean | null | undefined;
  stream_options?: unknown;
}): void {
  if (isGiven(body.stream_options) && body.stream !== true)
    throw refusal(
      "stream_options",
      "stream_options is set and stream is not true; send it only with stream: true.",
    );
}

/** The same error about a field by the name that it has in this request. */
export function renamed(error: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof HearthError)) return error;
  const tooLong = error.details["prompt_tokens"] !== undefined && error.details["context_size"] !== undefined;
  const { field = tooLong ? "messages" : undefined } = error.details;
  if (typeof field !== "string") return error;
  const [root = "", ...rest] = field.split(/(?=[.[])/);
  const name = names[root];
  if (name === undefined) return error;
  const message = error.message.startsWith(root) ? name + error.message.slice(root.length) : error.message;
  return new HearthError(error.code, message, {
    cause: error,
    details: { ...error.details, field: name + rest.join("") },
  });
}
