import { datasetDivision, datasetMapping, sourceFormat, splitName } from "@hearth/wire/hub/datasets";
import { z } from "zod";

/** What the process that reads datasets is asked to do: make the hub's own JSONL files in the folder `into`. */
export const prepareCommand = z.strictObject({
  into: z.string(),
  sources: z
    .array(
      z.strictObject({
        split: splitName,
        /** For messages. */
        name: z.string(),
        path: z.string(),
        format: sourceFormat,
      }),
    )
    .min(1),
  mapping: datasetMapping.nullable(),
  division: datasetDivision.nullable(),
});
export type PrepareCommand = z.infer<typeof prepareCommand>;

/** The files that were made, by split. */
export const preparedFiles = z.object({
  files: z.array(z.object({ split: splitName, path: z.string() })),
});
export type PreparedFiles = z.infer<typeof preparedFiles>;
