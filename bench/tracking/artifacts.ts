import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Peer } from "./peer.ts";
import { createExperiment, createRun } from "./requests.ts";
import { alternate, report, Samples, type Bench } from "./round.ts";
import { content, contentHash, download, upload } from "./transfer.ts";

const sampleMs = 20;

/** Rows of one large artifact: up, down, and what the server's memory grows by meanwhile. */
export async function measureArtifacts(bench: Bench): Promise<void> {
  const bytes = bench.sizes.artifactBytes;
  const samples = new Samples();
  const size = `${(bytes / 1e9).toPrecision(2)} GB`;
  const names = {
    up: `artifact of ${size}, up`,
    down: `artifact of ${size}, down`,
    memory: `artifact of ${size}, memory over idle`,
  };
  const expected = contentHash(bytes);
  await alternate(bench, `artifact of ${size}`, async (peer, round) => {
    const { artifacts } = await createRun(peer, await createExperiment(peer, "artifacts"));
    const path = `${artifacts}/large.bin`;
    const idle = peer.memory();
    const growth = new Growth(peer, idle);
    try {
      samples.add(names.up, peer, bytes / 1e6 / (await upload(peer.url, path, bytes)));
      samples.add(names.down, peer, bytes / 1e6 / (await download(peer.url, path, bytes)));
    } finally {
      growth.stop();
    }
    samples.add(names.memory, peer, growth.highest / 1e6);
    if (round > 0) return;
    const hash = createHash("sha256");
    await download(peer.url, path, bytes, hash);
    if (hash.digest("hex") !== expected) throw new Error("what came down is not what went up");
  });
  report(bench, {
    name: names.up,
    unit: "MB/s",
    better: "higher",
    samples: samples.of(names.up),
    limit: 500,
  });
  report(bench, {
    name: names.down,
    unit: "MB/s",
    better: "higher",
    samples: samples.of(names.down),
    limit: 500,
  });
  report(bench, {
    name: names.memory,
    unit: "MB",
    better: "lower",
    samples: samples.of(names.memory),
    limit: 100,
    compared: false,
  });
  bench.notes.push(
    `the disk itself takes ${Math.round(await diskSpeed(bench.folder, Math.min(bytes, 1e9)))} MB/s with an fsync at the end`,
  );
}

/** Watches by how much a server's memory grows. */
class Growth {
  highest = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(peer: Peer, idle: number) {
    this.#timer = setInterval(() => {
      this.highest = Math.max(this.highest, peer.memory() - idle);
    }, sampleMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function diskSpeed(folder: string, bytes: number): Promise<number> {
  const path = join(folder, "disk-speed");
  await using file = await open(path, "w");
  const begin = performance.now();
  for (const part of content(bytes)) await file.write(part);
  await file.sync();
  const seconds = (performance.now() - begin) / 1000;
  await rm(path);
  return bytes / 1e6 / seconds;
}
