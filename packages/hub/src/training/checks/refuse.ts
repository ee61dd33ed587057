import { HearthError } from "../../errors.ts";

/** Throws the error of one field: what was found, what is allowed, why. */
export function refuse(field: string, value: unknown, allowed: string, why: string): never {
  throw new HearthError("invalid_request", `${field}: ${why}; allowed: ${allowed}`, {
    details: { field, value, allowed },
  });
}

/** What the field names is looked up; an error of it also names the field, what stands there and what may. */
export async function lookUp<T>(
  field: string,
  value: string,
  allowed: string,
  found: Promise<T>,
): Promise<T> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof HearthError) || (error.code !== "not_found" && error.code !== "conflict"))
      throw error;
    throw new HearthError(error.code, `${field}: ${error.message}`, {
      details: { ...error.details, field, value, allowed },
      cause: error,
    });
  }
}
