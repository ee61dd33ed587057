import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { processIdentity } from "../../../process/identity.ts";
import type { TrainerEvent, TrainingResult } from "../trainer.ts";
import type { TrainerRun } from "./trainer-run.ts";

/** What a run ends with. Errors: another event, or an end of the process without any. */
export async function resultOf(run: TrainerRun): Promise<TrainingResult> {
  const event = await run.seen(({ type }) => type === "result");
  if (event.type !== "result") throw new Error(`no result: ${JSON.stringify(event)}`);
  return event.result;
}

/** The sha256 of every file of a result, by name. */
export async function checksums(folder: string, { files }: TrainingResult): Promise<Record<string, string>> {
  const hashes = files.map(async (file) => {
    const bytes = await readFile(join(folder, file));
    return [file, createHash("sha256").update(bytes).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

/** What guards did, in order. */
export function guardsOf(events: readonly TrainerEvent[]): Extract<TrainerEvent, { type: "guard" }>[] {
  return events.flatMap((event) => (event.type === "guard" ? [event] : []));
}

/** Pids may be given again: with the identity of each, or null when it is gone already. */
export async function identities(pids: readonly number[]): Promise<Map<number, string | null>> {
  return new Map(await Promise.all(pids.map(async (pid) => [pid, await processIdentity(pid)] as const)));
}

/** Which of those are there still. */
export async function stillRunning(known: ReadonlyMap<number, string | null>): Promise<number[]> {
  const now = await identities([...known.keys()]);
  return [...known].filter(([pid, was]) => was !== null && now.get(pid) === was).map(([pid]) => pid);
}
