import { z } from "zod";

/** Body of every error under `/v1`. */
export const openaiError = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    /** The field that is wrong. */
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
export type OpenAIError = z.infer<typeof openaiError>;
