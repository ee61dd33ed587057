import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { namesIn } from "../artifacts/fs/names.ts";

/** All logs of jobs together; those of hundreds of jobs. */
const defaultLimit = 200_000_000;

const logName = /^(?:job|trainer)-(?<id>.+?)\.log(?:\.1)?$/;

/**
 * Removes the logs of jobs that are no longer (a job goes with its model), and the oldest ones of the
 * others while all together are larger than the limit. Other files of the folder are left alone.
 */
export async function pruneLogs(
  folder: string,
  jobIds: ReadonlySet<string>,
  limitBytes = defaultLimit,
): Promise<void> {
  const logs: { path: string; bytes: number; at: number }[] = [];
  for (const name of await namesIn(folder)) {
    const id = logName.exec(name)?.groups?.["id"];
    if (id === undefined) continue;
    const path = join(folder, name);
    if (jobIds.has(id)) {
      const { size, mtimeMs } = await stat(path);
      logs.push({ path, bytes: size, at: mtimeMs });
    } else await rm(path, { force: true });
  }
  let total = logs.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of logs.toSorted((one, other) => one.at - other.at)) {
    if (total <= limitBytes) return;
    await rm(path, { force: true });
    total -= bytes;
  }
}
