import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { ConfinedHub, mountCommand } from "./confined-hub.ts";
import { accepted, MlflowApi, type Answer } from "./mlflow-api.ts";

const mount = process.platform === "linux" ? mountCommand() : undefined;
if (mount === undefined) console.info("full disk: skipped, no disk of its own can be mounted here");

const megabyte = 1_000_000;
const diskBytes = 32 * megabyte;
/** With a param beside them a batch may have one less than a thousand. */
const pointsPerBatch = 999;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-full-"));
});
afterEach(() => rm(home, { recursive: true }));

/** 503 or 507, and why: a person has to learn that the disk is full. */
function expectFull({ status, body }: Answer): void {
  expect([503, 507]).toContain(status);
  expect(z.object({ error_code: z.string(), message: z.string() }).parse(body).message).toMatch(
    /full|space/i,
  );
}

const listed = z.object({ files: z.array(z.object({ path: z.string() })).default([]) });

test.skipIf(mount === undefined)(
  "a full disk refuses writes with the reason, keeps what was promised, and recovers",
  async () => {
    await using hub = await ConfinedHub.onDisk(mount ?? [], home, diskBytes);
    const api = new MlflowApi(hub.url);
    const { id, artifacts } = await api.createRun(await api.createExperiment("full disk"));

    const kept: string[] = [];
    // Pieces that get smaller fill the disk to the last block.
    for (const bytes of [megabyte, 100_000, 8000]) {
      for (;;) {
        const name = `artifact-${bytes}-${kept.length}`;
        const answer = await api.ask("PUT", `${artifacts}/${name}`, Buffer.alloc(bytes, kept.length));
        if (answer.status !== 200) {
          expectFull(answer);
          expect((await api.artifact(`${artifacts}/${name}`)).status).toBe(404);
          break;
        }
        kept.push(name);
        expect(kept.length * 8000).toBeLessThan(diskBytes * 2);
      }
    }

    let acknowledged = 0;
    for (;;) {
      const answer = await api.post("runs/log-batch", batch(id, acknowledged));
      if (answer.status !== 200) {
        expectFull(answer);
        break;
      }
      acknowledged += 1;
      expect(acknowledged * pointsPerBatch * 16).toBeLessThan(diskBytes);
    }

    // Reading goes on, and shows what was promised: no less, and nothing of what was refused.
    expect(await api.history(id, "filler")).toHaveLength(acknowledged * pointsPerBatch);
    expect((await api.run(id)).params.map(({ key }) => key)).toEqual(
      Array.from({ length: acknowledged }, (_, index) => `batch-${index}`).sort(),
    );
    const { files } = listed.parse(accepted(await api.get("artifacts/list", { run_id: id })));
    expect(files.map(({ path }) => path).sort()).toEqual(kept.toSorted());

    for (const name of kept.slice(0, 8))
      expect((await api.ask("DELETE", `${artifacts}/${name}`)).status).toBe(200);
    expect((await api.post("runs/log-batch", batch(id, acknowledged))).status).toBe(200);
    expect((await api.ask("PUT", `${artifacts}/again`, Buffer.alloc(megabyte))).status).toBe(200);
    expect(await api.history(id, "filler")).toHaveLength((acknowledged + 1) * pointsPerBatch);

    const database = new BetterSqlite3(await copyDatabase(hub.home));
    try {
      expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
      expect(database.pragma("foreign_key_check")).toEqual([]);
    } finally {
      database.close();
    }
  },
);

/** Many points and a param that is there when they are. */
function batch(run: string, number: number): object {
  return {
    run_id: run,
    params: [{ key: `batch-${number}`, value: "x".repeat(500) }],
    metrics: Array.from({ length: pointsPerBatch }, (_, index) => {
      const step = number * pointsPerBatch + index;
      return { key: "filler", value: Math.sqrt(step), timestamp: step, step };
    }),
  };
}

test.skipIf(process.platform === "win32")(
  "an artifact longer than the system allows is refused whole",
  async () => {
    await using hub = await ConfinedHub.withShortFiles(home, 16 * megabyte);
    const api = new MlflowApi(hub.url);
    const { id, artifacts } = await api.createRun(await api.createExperiment("short files"));
    expect((await api.ask("PUT", `${artifacts}/small`, Buffer.alloc(megabyte))).status).toBe(200);
    // The sender hears why while it still sends, and the connection carries its next requests.
    for (const megabytes of [20, 60]) {
      expectFull(await api.ask("PUT", `${artifacts}/large`, Buffer.alloc(megabytes * megabyte)));
      expect((await api.artifact(`${artifacts}/large`)).status).toBe(404);
    }
    const { files } = listed.parse(accepted(await api.get("artifacts/list", { run_id: id })));
    expect(files.map(({ path }) => path)).toEqual(["small"]);
  },
);

/** SQLite itself would look for the file in this process's own view of the disks. */
async function copyDatabase(from: string): Promise<string> {
  const copy = join(home, "copy.db");
  for (const part of ["", "-wal"]) await copyFile(join(from, `hearth.db${part}`), `${copy}${part}`);
  return copy;
}
