import { z } from "zod";

/** From the hub to the process that compares: two files that should be the same. */
export const compareCommand = z.strictObject({
  /** What they are called in the report. */
  file: z.string(),
  expected: z.string(),
  actual: z.string(),
});
export type CompareCommand = z.infer<typeof compareCommand>;
