import { expect, test } from "vitest";
import { openDatabase } from "../storage/database.ts";
import { EngineEvents } from "./engine-events.ts";

const base = "0123456789abcdef".repeat(4);

test("what happened, the newest first, with why; decoding steps are nothing to tell", async () => {
  await using database = await openDatabase({ kind: "sqlite", path: ":memory:" });
  const events = new EngineEvents(database);
  events.add({ type: "round", base, sequences: 3 });
  events.add({ type: "load_failed", base, error: new Error("no such tensor") });
  events.add({ type: "loaded", base: "export 1", milliseconds: 12 });
  events.add({ type: "unloaded", base, reason: "job" });
  events.add({ type: "unloaded", base, reason: "unused" });
  events.add({ type: "unloaded", base, reason: "evicted", madeRoomFor: "export 1" });
  events.add({ type: "quarantined", base, reason: "It ended twice." });
  const told = await events.list();
  expect(told.map(({ type, message }) => [type, message])).toEqual([
    ["quarantined", "It ended twice."],
    ["evicted", null],
    ["unused", null],
    ["gave_way", null],
    ["loaded", null],
    ["load_failed", "no such tensor"],
  ]);
  expect(told[1]).toMatchObject({ model: "0123456789ab", made_room_for: "a trained model's check" });
  expect(told[4]).toMatchObject({ model: "a trained model's check", load_ms: 12 });
});

test("the last two hundred are kept", async () => {
  await using database = await openDatabase({ kind: "sqlite", path: ":memory:" });
  const events = new EngineEvents(database);
  for (let milliseconds = 0; milliseconds < 250; milliseconds++)
    events.add({ type: "loaded", base, milliseconds });
  const told = await events.list();
  expect(told).toHaveLength(200);
  expect(told[0]?.load_ms).toBe(249);
  expect(told.at(-1)?.load_ms).toBe(50);
});
