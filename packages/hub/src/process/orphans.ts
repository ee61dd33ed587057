import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { hasCode, processIdentity } from "./identity.ts";
import { signalGroup } from "./signals.ts";

const processRecord = z.object({ name: z.string(), pid: z.int().positive(), identity: z.string() });
export type ProcessRecord = z.infer<typeof processRecord>;

/** Writes down that this process runs, with what tells it from a later one of the same pid. */
export async function recordProcess(folder: string, name: string, pid: number): Promise<void> {
  const identity = await processIdentity(pid);
  if (identity === null) return;
  await mkdir(folder, { recursive: true });
  const file = recordFile(folder, pid);
  await writeFile(`${file}.new`, JSON.stringify({ name, pid, identity } satisfies ProcessRecord), {
    mode: 0o600,
  });
  await rename(`${file}.new`, file);
}

/** Removes the record of a process that ended. */
export async function forgetProcess(folder: string, pid: number): Promise<void> {
  await rm(recordFile(folder, pid), { force: true });
}

/**
 * Ends what an earlier hub left running: every recorded process that is still the one that
 * was recorded (a pid alone proves nothing: it may long belong to a stranger) is killed
 * with its group. Returns those that were killed; all records are removed.
 */
export async function killOrphans(folder: string): Promise<ProcessRecord[]> {
  const killed: ProcessRecord[] = [];
  for (const file of await recordFiles(folder)) {
    const record = await readRecord(join(folder, file));
    if (record !== null && (await isSameProcess(record.pid, record.identity))) {
      if (signalGroup(record.pid, "SIGKILL")) killed.push(record);
    }
    await rm(join(folder, file), { force: true });
  }
  return killed;
}

/** Whether this pid still is the process whose identity was recorded. */
export async function isSameProcess(pid: number, identity: string): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

function recordFile(folder: string, pid: number): string {
  return join(folder, `${pid}.json`);
}

async function recordFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\d+\.json(\.new)?$/.test(name));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** A record that cannot be read names no process: a crash while writing, or somebody's edit. */
async function readRecord(file: string): Promise<ProcessRecord | null> {
  const text = await readFile(file, "utf8");
  try {
    return processRecord.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
