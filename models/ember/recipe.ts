import { trainingParameters } from "@hearth/wire/hub/training";
import { z } from "zod";

const percent = z.int().min(0).max(100);

const stage = z.strictObject({
  /** Of the corpus. */
  seed: z.int(),
  documents: z.int().positive(),
  /** Shares of the kinds of document, if not the corpus's own. */
  mix: z
    .strictObject({
      note: percent,
      story: percent,
      fact: percent,
      dialogue: percent,
      instruction: percent,
      echo: percent,
    })
    .optional(),
  /** Held out of training; the validation loss is measured on them. */
  validation_documents: z.int().positive(),
  parameters: trainingParameters,
});
export type Stage = z.infer<typeof stage>;

/** The form of recipe.json: both stages, each with what it learns from and how. */
export const recipeFile = z.strictObject({ name: z.string(), pretrain: stage, conversations: stage });
