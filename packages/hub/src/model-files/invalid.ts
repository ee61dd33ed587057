import { HearthError } from "../errors.ts";
import type { ErrorOptions } from "../errors.ts";

/**
 * A model, adapter or tokenizer file that cannot be used: damaged, hostile, or of a kind
 * that is not supported. The message names the file's own field and the value found.
 */
export class ModelFileInvalid extends HearthError {
  constructor(message: string, options: ErrorOptions = {}) {
    super("model_file_invalid", message, options);
  }
}

/** Shows a piece of a hostile file in a message: quoted, bounded, without control characters. */
export function quoted(text: string, limit = 80): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return JSON.stringify(shown.toWellFormed());
}
