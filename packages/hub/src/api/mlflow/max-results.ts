import { HearthError } from "../../errors.ts";

/** The size of a page: at least 1, at most `most`. Throws `invalid_request` in MLflow's words. */
export function checkMaxResults(asked: number, most: number): number {
  if (asked >= 1 && asked <= most) return asked;
  const rule = asked < 1 ? "It must be a positive integer" : `It must be at most ${most}`;
  throw new HearthError(
    "invalid_request",
    `Invalid value ${asked} for parameter 'max_results' supplied: ${rule}.`,
    { details: { field: "max_results", limit: most } },
  );
}
