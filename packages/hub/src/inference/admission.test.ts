import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission } from "./admission.ts";
import { EngineBusy } from "./errors.ts";

test("never more wait than allowed, and who left makes room", () => {
  const steps = fc.array(fc.oneof(fc.constantFrom("base", "one", "two"), fc.nat({ max: 20 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), fc.nat({ max: 4 }), (moves, slots, maxWaiting) => {
      const admission = new Admission(slots, maxWaiting);
      const inside: { context: string; leave: () => void }[] = [];
      const waiting = (): number =>
        ["base", "one", "two"].reduce(
          (sum, context) => sum + Math.max(0, inside.filter((one) => one.context === context).length - slots),
          0,
        );
      for (const move of moves) {
        if (typeof move === "number") {
          const [left] = inside.splice(move % Math.max(1, inside.length), 1);
          left?.leave();
          left?.leave();
        } else {
          const before = waiting();
          const waits = inside.filter((one) => one.context === move).length >= slots;
          if (waits && before >= maxWaiting) expect(() => admission.enter(move)).toThrow(EngineBusy);
          else inside.push({ context: move, leave: admission.enter(move) });
        }
        expect(admission.total).toBe(inside.length);
        expect(admission.waiting).toBe(waiting());
        expect(admission.waiting).toBeLessThanOrEqual(maxWaiting);
      }
    }),
  );
});

test("the refusal says when to come again", () => {
  const admission = new Admission(1, 1);
  admission.enter(null);
  admission.enter(null);
  expect(() => admission.enter(null)).toThrow(
    expect.objectContaining({
      code: "unavailable",
      details: { waiting: 1, limit: 1, retry_after_seconds: expect.any(Number) },
    }),
  );
});
