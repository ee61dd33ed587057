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
  // The longest beginning of the path that has another name here.
  const steps = field.split(/(?=[.[])/);
  for (let taken = steps.length; taken > 0; taken--) {
    const beginning = steps.slice(0, taken).join("");
    const name = names[beginning];
    if (name === undefined) continue;
    const { message } = error;
    const said = message.startsWith(beginning) ? name + message.slice(beginning.length) : message;
    const renamedField = name + steps.slice(taken).join("");
    return new HearthError(error.code, said, {
      cause: error,
      details: { ...error.details, field: renamedField },
    });
  }
  return error;
}
