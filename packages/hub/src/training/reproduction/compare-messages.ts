import { fileDifference } from "@hearth/wire/hub/reproduction";
import { z } from "zod";

/** From the hub to the process that compares: two files that should be the same. */
export const compareCommand = z.strictObject({
  type: z.literal("compare"),
  /** What they are called in the report. */
  file: z.string(),
  expected: z.string(),
  actual: z.string(),
});
export type CompareCommand = z.infer<typeof compareCommand>;

/** Its answers. */
export const compareEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("compared"), difference: fileDifference.nullable() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
]);
export type CompareEvent = z.infer<typeof compareEvent>;
