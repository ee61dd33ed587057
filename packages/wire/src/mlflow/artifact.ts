import { z } from "zod";
import { int64 } from "./run.ts";

/** What `mlflow-artifacts` lists: names within the folder that was asked for. */
export const artifactList = z.object({
  files: z
    .array(z.object({ path: z.string(), is_dir: z.boolean().default(false), file_size: int64.optional() }))
    .default([]),
});
