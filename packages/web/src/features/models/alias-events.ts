import { gateResult, type GateResult, type ModelEvent } from "@hearth/wire/hub/models";
import { z } from "zod";

/** An alias that moved, or was refused to. */
export interface AliasEvent {
  id: number;
  kind: string;
  alias: string;
  version: number | null;
  previous: number | null;
  /** Empty: there was no gate. */
  checks: GateResult["checks"];
  /** Who moved it, or tried to; empty: nobody wrote it down. */
  by: string;
  /** It was given back to who had it before. */
  rollback: boolean;
  at: string;
}

const aliasDetails = z.object({
  alias: z.string(),
  previous_version: z.int().nullable().catch(null),
  checks: gateResult.shape.checks.catch([]),
  by: z.string().catch(""),
  rollback: z.boolean().catch(false),
});

/** What a history tells of aliases. */
export function aliasEvents(history: readonly ModelEvent[]): AliasEvent[] {
  return history.flatMap(({ id, kind, version, details, created_at: at }) => {
    const parsed = aliasDetails.safeParse(details);
    if (!parsed.success) return [];
    const { alias, previous_version: previous, ...rest } = parsed.data;
    return { id, kind, alias, version, previous, ...rest, at };
  });
}

/** How an alias came to the version that it names now; undefined: the history does not reach so far. */
export function lastMove(
  events: readonly AliasEvent[],
  alias: string,
  version: number,
): AliasEvent | undefined {
  return events.find(
    (event) =>
      (event.kind === "promoted" || event.kind === "rolled_back") &&
      event.alias === alias &&
      event.version === version,
  );
}

/**
 * The version that a roll-back of the alias leads to: as in the hub, each one takes away what was rolled back from, so
 * that a second one leads further back. Null: there is none, or the history does not reach so far.
 */
export function rollbackTarget(events: readonly AliasEvent[], alias: string): number | null {
  let holders: number[] = [];
  for (const event of events.toReversed()) {
    if (event.alias !== alias || event.version === null) continue;
    if (event.kind === "alias_removed") holders = [];
    if (event.kind !== "promoted" && event.kind !== "rolled_back") continue;
    const before = event.rollback ? holders.lastIndexOf(event.version) : -1;
    holders = before === -1 ? [...holders, event.version] : holders.slice(0, before + 1);
  }
  return holders.at(-2) ?? null;
}
