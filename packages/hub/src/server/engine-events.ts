import type { EngineEvent } from "@hearth/wire/hub/serving-statistics";
import type { PoolEvent } from "../inference/pool.ts";
import type { Database } from "../storage/database.ts";
import { namesByChecksum } from "./row-counts.ts";

const kept = 200;
/** Of a checksum whose version is gone. */
const shownDigits = 12;

/** An event with the checksums of weights where names will be. */
type Kept = Omit<EngineEvent, "model" | "made_room_for"> & { base: string; forBase: string | null };

/** The last things that happened to engines since the start of the hub. */
export class EngineEvents {
  readonly #database: Database;
  #events: Kept[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  add(event: PoolEvent): void {
    const told = tellingOf(event);
    if (told === null) return;
    const { base } = event;
    this.#events.push({
      at: new Date().toISOString(),
      base,
      forBase: null,
      load_ms: null,
      message: null,
      ...told,
    });
    if (this.#events.length > kept) this.#events = this.#events.slice(-kept);
  }

  /** The newest first, with the models' names of today. */
  async list(): Promise<EngineEvent[]> {
    const bases = this.#events.flatMap(({ base, forBase }) => [base, ...(forBase === null ? [] : [forBase])]);
    const names = await namesByChecksum(this.#database, [...new Set(bases)]);
    const nameOf = (base: string): string =>
      names.get(base) ??
      (base.startsWith("export ") ? "a trained model's check" : base.slice(0, shownDigits));
    return this.#events.toReversed().map(({ base, forBase, ...event }) => ({
      ...event,
      model: nameOf(base),
      made_room_for: forBase === null ? null : nameOf(forBase),
    }));
  }
}

const unloading = { evicted: "evicted", unused: "unused", asked: "unloaded", job: "gave_way" } as const;

/** What of an event is worth being told; null of what happens all the time. */
function tellingOf(event: PoolEvent): (Pick<Kept, "type"> & Partial<Kept>) | null {
  switch (event.type) {
    case "round":
      return null;
    case "loaded":
      return { type: "loaded", load_ms: event.milliseconds };
    case "load_failed":
      return { type: "load_failed", message: event.error.message };
    case "unloaded":
      return { type: unloading[event.reason], forBase: event.madeRoomFor ?? null };
    case "lost":
      return { type: "crashed", message: event.error.message };
    case "quarantined":
      return { type: "quarantined", message: event.reason };
  }
}
