import { ModelFileInvalid } from "../invalid.ts";
import { families } from "./families/table.ts";
import type { GgufHeader } from "./format.ts";
import { readDecoderShape } from "./read-decoder-shape.ts";

/** Whether models of an architecture can be trained here, by its name in model files. */
export function isTrainableArchitecture(architecture: unknown): boolean {
  return typeof architecture === "string" && families.has(architecture);
}

/**
 * Why a model cannot be trained here although it may well be served: its architecture, a setting or
 * a tensor that the trainer does not compute. Null when it can be.
 *
 * Errors: the system's own when the file cannot be read.
 */
export async function whyNotTrainable(header: GgufHeader): Promise<string | null> {
  try {
    await readDecoderShape(header);
    return null;
  } catch (error) {
    if (error instanceof ModelFileInvalid) return error.message;
    throw error;
  }
}
