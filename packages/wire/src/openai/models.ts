import { z } from "zod";

/** A name that the `model` field of a request may carry. */
export const openaiModel = z.object({
  /** `name`, `name:3`, `name@alias`, or `provider/model` of another server. */
  id: z.string(),
  object: z.literal("model"),
  created: z.int(),
  owned_by: z.string(),
});
export type OpenAIModel = z.infer<typeof openaiModel>;

export const openaiModelList = z.object({ object: z.literal("list"), data: z.array(openaiModel) });
export type OpenAIModelList = z.infer<typeof openaiModelList>;
