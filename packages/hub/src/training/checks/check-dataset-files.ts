import type { Dataset, SplitName } from "@hearth/wire/hub/datasets";
import { hashFile } from "../../artifacts/fs/hash.ts";
import type { TrainingDatasets } from "../dependencies.ts";
import { bytesOf } from "./check-base.ts";
import { refuse } from "./refuse.ts";

/** Files up to this size are hashed before a job is queued: some milliseconds. Of larger ones the size is compared. */
const hashedBytes = 8_000_000;
const used: readonly SplitName[] = ["train", "validation"];

/** The stored files that a job would read are those that were registered. @throws HearthError `invalid_request` */
export async function checkDatasetFiles(datasets: TrainingDatasets, dataset: Dataset): Promise<void> {
  for (const split of used) {
    const registered = dataset.splits[split];
    if (registered === undefined) continue;
    const path = await datasets.filePath(dataset, split);
    const bytes = await bytesOf(path);
    if (bytes === null) refuseFile(dataset, `${path} is missing`);
    if (bytes !== registered.bytes)
      refuseFile(dataset, `${path} has changed: it has ${bytes} bytes, registered were ${registered.bytes}`);
    if (bytes > hashedBytes) continue;
    const sha256 = await hashFile(path);
    if (sha256 !== registered.sha256)
      refuseFile(
        dataset,
        `${path} has changed: its sha256 is ${sha256}, registered was ${registered.sha256}`,
      );
  }
}

function refuseFile({ name }: Dataset, why: string): never {
  const allowed = "a dataset whose stored files are as they were registered; register it again to mend them";
  refuse("dataset_id", name, allowed, why);
}
