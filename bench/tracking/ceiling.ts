import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { median } from "../report.ts";
import { firstLine } from "./child.ts";
import { load } from "./load.ts";
import { metricBody, mixedBatchBody } from "./requests.ts";
import type { Bench } from "./round.ts";
import { download, upload } from "./transfer.ts";

const bare = fileURLToPath(new URL("bare-server.ts", import.meta.url));
const announcement = z.object({ url: z.string() });

/** Notes what the client reaches against a server that does nothing, and what one fsync takes here. */
export async function measureCeiling(bench: Bench): Promise<void> {
  const child = spawn(process.execPath, [bare], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const { url } = announcement.parse(JSON.parse(await firstLine(child, "/dev/null")));
    const server = { name: "the bare server", url };
    const seconds = Math.min(2, bench.sizes.seconds.hearth);
    let step = 0;
    const single = () => ({ path: "/", body: metricBody("run", "loss", step++) });
    await load(server, 8, seconds / 2, single);
    const one = await load(server, 1, seconds, single);
    const eight = await load(server, 8, seconds, single);
    const batch = mixedBatchBody("run", "s", 0);
    const batches = await load(server, 4, seconds, () => ({ path: "/", body: batch }));
    const bytes = Math.min(bench.sizes.artifactBytes, 1e9);
    const up = bytes / 1e6 / (await upload(url, "/", bytes));
    const down = bytes / 1e6 / (await download(url, `/zeros/${bytes}`, bytes));
    bench.notes.push(
      `the client against a bare node:http server: ${Math.round(one.rate)} requests/s one after another, ${Math.round(eight.rate)}/s 8 at once, ${Math.round(batches.rate)} batches/s 4 at once, ${Math.round(up)} MB/s up, ${Math.round(down)} MB/s down`,
    );
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
  bench.notes.push(
    `one write with fdatasync takes ${(await syncTime(bench.folder)).toFixed(2)} ms on this disk`,
  );
}

async function syncTime(folder: string): Promise<number> {
  const path = join(folder, "sync-time");
  const file = await open(path, "w");
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const begin = performance.now();
    await file.write(block);
    await file.datasync();
    times.push(performance.now() - begin);
  }
  await file.close();
  await rm(path);
  return median(times);
}
