import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ggufTwinFiles, makeGgufTwin } from "./gguf-twin.ts";
import { openRooms, registerBase } from "./tests/rooms.ts";
import type { TestRooms } from "./tests/rooms.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-twin-"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

/** A version as a trainer of another format leaves it: with a copy for GGUF and what it must answer. */
async function addAdapter({ registry }: TestRooms["rooms"]): Promise<void> {
  const folder = join(home, "adapter");
  await mkdir(folder);
  await writeFile(join(folder, ggufTwinFiles.adapter), "adapter");
  await writeFile(
    join(folder, ggufTwinFiles.probes),
    JSON.stringify([{ promptTokens: [1], expectedTokens: [2] }]),
  );
  const sha256 = createHash("sha256").update("adapter").digest("hex");
  const base = await registry.resolve("base:1");
  const model = await registry.createModel(
    { name: "tuned", task_type: "chat", description: "", tags: {} },
    new AbortController().signal,
  );
  const version = await registry.createVersion({
    model: model.id,
    kind: "adapter",
    baseVersionId: base.id,
    lineage: {
      ...base.lineage,
      base: { version_id: base.id, reference: "base:1", sha256: base.sha256 ?? "" },
    },
  });
  await registry.markReady(version.id, {
    artifactPath: join(folder, "adapters.safetensors"),
    sha256,
    checksums: { [ggufTwinFiles.adapter]: sha256, [ggufTwinFiles.probes]: sha256 },
  });
}

test("what a hub that was killed left of a twin goes at the next start", async () => {
  await using rooms = await openRooms(home);
  const { database, registry, artifacts } = rooms.rooms;
  await registerBase(home, rooms.rooms);
  await addAdapter(rooms.rooms);
  // Where the hub is killed nothing is moved any more, and nothing removed.
  const killed = {
    ...artifacts,
    moveToArchive: () => Promise.reject(new Error("killed")),
    removeJobFolder: () => Promise.resolve(),
    removeArchive: () => Promise.resolve(),
  };
  const compare = () => Promise.resolve({ agreed: 1, asked: 1 });
  await expect(
    makeGgufTwin(
      { database, registry, artifacts: killed, compare },
      { version: "tuned:1", base: "base:1" },
      new AbortController().signal,
    ),
  ).rejects.toThrow("killed");
  const active = join(home, "storage", "active");
  expect(await readdir(active)).toHaveLength(1);
  await rooms.training.start();
  expect(await readdir(active)).toEqual([]);
});
