import { datasetFormat, splitName } from "@hearth/wire/hub/datasets";
import { z } from "zod";
import { answerParent } from "../process/answer-parent.ts";
import { readFileBytes } from "./ingest.ts";
import { readRows } from "./read-rows.ts";
import { measureRows } from "./statistics.ts";

/** What the process that counts rows is asked. */
export const countCommand = z.strictObject({
  format: datasetFormat,
  labels: z.array(z.string()),
  files: z.array(z.strictObject({ split: splitName, path: z.string(), name: z.string() })).min(1),
});
export type CountCommand = z.infer<typeof countCommand>;

const never = new AbortController().signal;

/** Entry of the process that reads every row of a dataset for its statistics. */
answerParent((message) => {
  const { format, labels, files } = countCommand.parse(message);
  return measureRows(
    labels,
    files.map(({ split }) => split),
    async function* (split) {
      for (const { path, name } of files.filter((file) => file.split === split))
        yield* readRows(readFileBytes(path), name, format, { offset: 0, limit: Infinity, start: 0 }, never);
    },
  );
});
