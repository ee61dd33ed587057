import { join } from "node:path";
import { datasetStatistics, type Dataset, type DatasetStatistics } from "@hearth/wire/hub/datasets";
import { makeFolder } from "../artifacts/fs/durable.ts";
import { HearthError } from "../errors.ts";
import { askChild } from "../process/ask-child.ts";
import type { CountCommand } from "./statistics-child.ts";
import { splitsOf } from "./statistics.ts";

/** Three hashes of each row are remembered, some 100 bytes. */
const memoryLimitBytes = 3 * 2 ** 30;
const never = new AbortController().signal;

/** Counts over every row of the copy in `folder`, in a child process. @throws HearthError `unavailable` when it dies */
export async function countRows(dataset: Dataset, folder: string, logs: string): Promise<DatasetStatistics> {
  await makeFolder(logs);
  const command: CountCommand = {
    format: dataset.format,
    labels: dataset.labels,
    files: splitsOf(dataset).flatMap((split) => {
      const file = dataset.splits[split]?.file;
      return file === undefined ? [] : [{ split, path: join(folder, file), name: file }];
    }),
  };
  return await askChild(
    {
      name: "the process that counts rows",
      module: new URL("./statistics-child.ts", import.meta.url),
      command,
      answer: datasetStatistics,
      memoryLimitBytes,
      logFile: join(logs, "datasets.log"),
      onDeath: (how) =>
        new HearthError("unavailable", `The rows of ${dataset.name} could not be counted: ${how}.`),
    },
    never,
  );
}

/** Waits for something that goes on without whoever asked for it. Throws the signal's reason. */
export async function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    // Not before somebody listens to the work: its failure would be nobody's.
    if (signal.aborted) abort();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
