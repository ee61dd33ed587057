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
  at: string;
}

const aliasDetails = z.object({
  alias: z.string(),
  previous_version: z.int().nullable().catch(null),
  checks: gateResult.shape.checks.catch([]),
});

/** What a history tells of aliases. */
export function aliasEvents(history: readonly ModelEvent[]): AliasEvent[] {
  return history.flatMap(({ id, kind, version, details, created_at: at }) => {
    const parsed = aliasDetails.safeParse(details);
    if (!parsed.success) return [];
    const { alias, previous_version: previous, checks } = parsed.data;
    return { id, kind, alias, version, previous, checks, at };
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
