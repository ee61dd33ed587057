import { z } from "zod";

/** What the server's process tells on its channel. */
export const serverMessage = z.discriminatedUnion("type", [
  /** It listens; the model is being loaded. */
  z.object({ type: z.literal("ready"), port: z.int().min(1).max(65_535) }),
  z.object({
    type: z.literal("loaded"),
    /** Width of the logits. */
    vocabulary: z.int().positive(),
    chat_template: z.boolean(),
    /** The model has a way of calling tools that mlx-lm knows. */
    tools: z.boolean(),
  }),
  z.object({ type: z.literal("load_failed"), message: z.string() }),
]);

export interface ServedFacts {
  vocabulary: number;
  chatTemplate: boolean;
  tools: boolean;
}
