import { jobPriority, type JobPriority } from "@hearth/wire/hub/training-queue";
import { InvalidArgumentError } from "commander";

/** A whole number from 0 on, for commander's options. */
export function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("a whole number from 0 on is expected.");
  return value;
}

/** A number above 0, for commander's options. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("a number above 0 is expected.");
  return value;
}

/** A number from 0 on, for commander's options. */
export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError("a number from 0 on is expected.");
  }
  return value;
}

/** `low`, `normal`, `high` or a whole number, for commander's options. */
export function priority(text: string): JobPriority {
  const parsed = jobPriority.safeParse(/^-?\d+$/.test(text) ? Number(text) : text);
  if (!parsed.success)
    throw new InvalidArgumentError("low, normal, high or a whole number from -100 to 100 is expected.");
  return parsed.data;
}
