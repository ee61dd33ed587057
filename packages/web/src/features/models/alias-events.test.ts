import type { ModelEvent } from "@hearth/wire/hub/models";
import { expect, test } from "vitest";
import { aliasEvents, lastMove, rollbackTarget } from "./alias-events.ts";

const check = {
  expression: "accuracy>=0.9",
  metric: "accuracy",
  value: 0.95,
  threshold: 0.9,
  passed: true,
  reason: "",
  difference: null,
  needed: null,
};
const event = (id: number, kind: string, version: number, details: Record<string, unknown>): ModelEvent => ({
  id,
  kind,
  version,
  details,
  created_at: "2026-01-01T00:00:00.000Z",
});
const history = [
  event(5, "evaluated", 2, { accuracy: 1 }),
  event(4, "promotion_refused", 3, { alias: "champion", previous_version: 2, checks: [check] }),
  event(3, "promoted", 2, { alias: "champion", previous_version: 1, checks: [check] }),
  event(2, "promoted", 1, { alias: "champion", previous_version: "?", checks: "not checks" }),
  event(1, "promoted", 2, { alias: "other", previous_version: null }),
];

test("events of aliases are read with their gates, others left out", () => {
  const events = aliasEvents(history);
  expect(events.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  expect(events[1]).toMatchObject({ alias: "champion", previous: 1, checks: [check] });
  expect(events[2]).toMatchObject({ previous: null, checks: [] });
});

test("an alias is where its last move to that version took it", () => {
  const events = aliasEvents(history);
  expect(lastMove(events, "champion", 2)?.id).toBe(3);
  expect(lastMove(events, "other", 2)?.id).toBe(1);
  expect(lastMove(events, "champion", 3)).toBeUndefined();
});

test("a roll-back leads to the holder before, a second one further back, and from the first nowhere", () => {
  const moves = [
    event(1, "promoted", 1, { alias: "champion", previous_version: null, by: "ada" }),
    event(2, "promoted", 3, { alias: "champion", previous_version: 1 }),
    event(3, "promoted", 2, { alias: "other" }),
    event(4, "rolled_back", 2, { alias: "champion", previous_version: 3 }),
    event(5, "promotion_refused", 4, { alias: "champion" }),
  ];
  const target = (...more: ModelEvent[]) =>
    rollbackTarget(aliasEvents([...moves, ...more].toReversed()), "champion");
  expect(target()).toBe(3);
  const back = event(6, "rolled_back", 3, { alias: "champion", rollback: true });
  expect(target(back)).toBe(1);
  const further = event(7, "rolled_back", 1, { alias: "champion", rollback: true });
  expect(target(back, further)).toBeNull();
  expect(target(event(6, "alias_removed", 2, { alias: "champion" }))).toBeNull();
  expect(aliasEvents(moves)[0]?.by).toBe("ada");
});
