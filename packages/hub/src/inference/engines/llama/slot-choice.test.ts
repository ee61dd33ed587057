import fc from "fast-check";
import { expect, test } from "vitest";
import { nextToTakeIn } from "./prefill-order.ts";
import { chooseSlot, smallLoss } from "./slot-choice.ts";

const outlook = fc.record({ held: fc.nat(500), beside: fc.nat(2), lastUsed: fc.nat(50) }).chain((slot) =>
  fc.record({
    held: fc.constant(slot.held),
    kept: fc.nat(slot.held),
    beside: fc.constant(slot.beside),
    lastUsed: fc.constant(slot.lastUsed),
  }),
);

test("a slot whose tokens go on in the prompt is used; else tokens are lost only where no slot is empty", () => {
  fc.assert(
    fc.property(fc.array(outlook, { minLength: 1, maxLength: 8 }), (free) => {
      const chosen = free[chooseSlot(free)];
      if (chosen === undefined) throw new Error("none was chosen");
      const going = free.filter(({ held, kept }) => kept > 0 && held - kept <= smallLoss);
      if (going.length > 0) {
        expect(chosen.held - chosen.kept).toBeLessThanOrEqual(smallLoss);
        expect(chosen.kept).toBe(Math.max(...going.map(({ kept }) => kept)));
      } else if (free.some(({ held }) => held === 0)) expect(chosen.held).toBe(0);
    }),
  );
  expect(chooseSlot([])).toBe(-1);
});

test("of slots that all hold something else, the one unused for longest is given away", () => {
  const slot = (lastUsed: number) => ({ held: 100, kept: 10, beside: 0, lastUsed });
  expect(chooseSlot([slot(3), slot(1), slot(2)])).toBe(1);
});

test("a short prompt waits two rounds at most, and the first one goes on meanwhile", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 200, max: 4000 }), { minLength: 1, maxLength: 8 }), (lengths) => {
      const prompts = [...lengths, 64].map((waiting) => ({ waiting }));
      const short = prompts.at(-1);
      const first = prompts[0]?.waiting ?? 0;
      for (let round = 0; round < 2; round++) {
        const next = nextToTakeIn(prompts, round);
        if (next !== undefined) next.waiting = Math.max(0, next.waiting - 64);
      }
      expect(short?.waiting).toBe(0);
      expect(prompts[0]?.waiting).toBe(Math.max(0, first - 64));
    }),
  );
});
