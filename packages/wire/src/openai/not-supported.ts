import { z } from "zod";

type Scalar = string | number | boolean;

/**
 * Fields of the published OpenAI schema that this server does not carry out. Each is
 * accepted absent, as null, or with a value that means exactly what happens anyway;
 * everything else is refused, so that no parameter is ever dropped in silence.
 */
export function onlyValue<const T extends Scalar>(...accepted: [T, ...T[]]) {
  const shown = accepted.map((value) => JSON.stringify(value)).join(" or ");
  return z
    .literal(accepted, { error: `is not supported by this server; leave it out or send ${shown}` })
    .nullish();
}

/** A list field of which only the empty list is carried out. */
export function onlyEmptyList() {
  return z
    .array(z.unknown(), { error: "is not supported by this server; leave it out" })
    .max(0, { error: "is not supported by this server; leave it out or send []" })
    .nullish();
}

/** An object field of which only the empty object is carried out. */
export function onlyEmptyObject() {
  return z.strictObject({}, { error: "is not supported by this server; leave it out or send {}" }).nullish();
}

/** A field of which no value but null is carried out. */
export function onlyAbsent() {
  return z.null({ error: "is not supported by this server; leave it out" }).optional();
}
