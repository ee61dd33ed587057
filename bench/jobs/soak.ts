import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { HearthClient } from "@hearth/sdk";
import type { JobsBench } from "../jobs.ts";
import { median } from "../report.ts";
import { residentBytes } from "../resident-memory.ts";
import { RunningHub } from "../serving/hub.ts";
import { trainable } from "./trainable.ts";

/** Jobs behind each median of the hub's memory. */
const group = 10;
/** The first jobs fill caches and compile code. */
const settled = 2;
/** Of the memory after the first groups. */
const mostGrowth = 0.05;

/** 100 short jobs back to back: the hub's memory after each ten, and what is left at the end. */
export async function measureSoak({ quick, folder, rows, notes }: JobsBench): Promise<void> {
  const jobs = quick ? 40 : 100;
  const home = join(folder, "soak");
  await using hub = await RunningHub.start(home, 2, {
    HEARTH_DATA_PATHS: folder,
    HEARTH_SPARE_ENGINE: "0",
    HEARTH_KEEP_ALIVE: "1s",
  });
  const { client } = hub;
  const request = await trainable(client, folder, "tiny");
  const started = performance.now();
  const resident: number[] = [];
  for (let job = 0; job < jobs; job++) {
    const { id } = await client.jobs.create({ ...request, epochs: 2 });
    await completed(client, id);
    resident.push(residentBytes(hub.pid) / 1e6);
  }
  const seconds = (performance.now() - started) / 1000;
  const groups = Array.from({ length: jobs / group }, (_, index) =>
    median(resident.slice(index * group, (index + 1) * group)),
  );
  const [before = Number.NaN, after = Number.NaN] = [groups[settled - 1], groups.at(-1)];
  const left = await leftBehind(hub.pid, home);
  rows.push(
    {
      name: `hub's memory over ${jobs} short jobs`,
      unit: "MB",
      values: { [`after ${settled * group} jobs`]: before, [`after ${jobs} jobs`]: after },
      samples: { [`medians of ${group}`]: groups },
      target: `≤ ${mostGrowth * 100} % more`,
      held: after <= before * (1 + mostGrowth),
    },
    {
      name: "left at the end",
      unit: "",
      values: { processes: left.processes, "files in storage/active": left.files },
      samples: {},
      target: "none",
      held: left.processes === 0 && left.files === 0,
    },
  );
  notes.push(`soak: ${(seconds / jobs).toFixed(2)} s a job, from its creation to its version`);
}

async function completed(client: HearthClient, id: string): Promise<void> {
  for await (const event of client.jobs.events(id)) if (event.type === "log") continue;
  const job = await client.jobs.get(id);
  if (job.status !== "completed") throw new Error(`job ${id} is ${job.status}: ${job.error?.message ?? ""}`);
}

/** What the hub has of processes and files of jobs once its engines have been unloaded; waits for that. */
async function leftBehind(pid: number, home: string): Promise<{ processes: number; files: number }> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    const processes = children.split(" ").filter((child) => child.trim() !== "").length;
    const files = (await readdir(join(home, "storage", "active"), { recursive: true })).length;
    if ((processes === 0 && files === 0) || performance.now() > deadline) return { processes, files };
    await delay(100);
  }
}
