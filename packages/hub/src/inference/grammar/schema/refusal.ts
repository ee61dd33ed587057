import { InvalidRequest } from "../../errors.ts";

/** A schema that cannot be carried: the message says what to do, `details.field` where it stands. */
export function refuse(field: string, problem: string): never {
  throw new InvalidRequest(`${field} ${problem}`, { field });
}
