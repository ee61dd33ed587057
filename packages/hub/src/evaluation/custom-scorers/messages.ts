import { z } from "zod";

/** What a scorer is given of a row, beside the answer: the row as the dataset has it. */
export interface ScorerInput {
  /** The last thing that was said before the answer. */
  prompt: string;
  expected: string;
  answer: string;
  row: unknown;
}

/** To a scorer's process, which loads no library to read it. */
export type ScorerCommand =
  | { type: "load"; path: string }
  | { type: "score"; id: number; input: ScorerInput };

/** From it. A person's own code runs there: nothing of it is trusted. */
export const scorerEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("loaded"), name: z.unknown() }),
  z.object({ type: z.literal("refused"), reason: z.string() }),
  z.object({ type: z.literal("scored"), id: z.int(), result: z.unknown() }),
  z.object({ type: z.literal("failed"), id: z.int(), reason: z.string() }),
]);
export type ScorerEvent = z.infer<typeof scorerEvent>;
