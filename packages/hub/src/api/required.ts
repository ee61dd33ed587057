import { HearthError } from "../errors.ts";

/** A path parameter; the router has matched it, so only an empty one is wrong. */
export function required(params: Readonly<Record<string, string>>, name: string): string {
  const value = params[name];
  if (value === undefined || value === "" || value.length > 400) {
    throw new HearthError("invalid_request", `The path parameter "${name}" must have 1 to 400 characters.`, {
      details: { field: name },
    });
  }
  return value;
}

/** A path parameter that counts from 1, such as a version. */
export function requiredNumber(params: Readonly<Record<string, string>>, name: string): number {
  const value = required(params, name);
  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < 1) {
    throw new HearthError(
      "invalid_request",
      `The path parameter "${name}" is "${value}"; it must be a whole number from 1.`,
      { details: { field: name, found: value } },
    );
  }
  return number;
}
