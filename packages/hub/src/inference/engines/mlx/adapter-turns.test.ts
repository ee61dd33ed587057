import fc from "fast-check";
import { expect, test } from "vitest";
import { RequestCancelled } from "../../errors.ts";
import { AdapterTurns } from "./adapter-turns.ts";

/** Everything that is already decided has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("however requests come, leave and give up: one adapter at a time, in their order, and all get in", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("come" as const), key: fc.constantFrom(null, "a", "b") }),
    fc.record({ do: fc.constant("leave" as const), which: fc.nat(10) }),
    fc.record({ do: fc.constant("give up" as const), which: fc.nat(10) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const turns = new AdapterTurns();
      const inside: { key: string | null; leave: () => void }[] = [];
      const waiting: { order: number; control: AbortController }[] = [];
      const entered: number[] = [];
      let order = 0;
      const come = (key: string | null): void => {
        const mine = { order: order++, control: new AbortController() };
        waiting.push(mine);
        turns.enter(key, mine.control.signal).then(
          (leave) => {
            waiting.splice(waiting.indexOf(mine), 1);
            inside.push({ key, leave });
            entered.push(mine.order);
          },
          (error: unknown) => {
            expect(error).toBeInstanceOf(RequestCancelled);
            waiting.splice(waiting.indexOf(mine), 1);
          },
        );
      };
      for (const each of steps) {
        if (each.do === "come") come(each.key);
        else if (each.do === "leave") inside.splice(each.which % Math.max(1, inside.length), 1)[0]?.leave();
        else waiting[each.which % Math.max(1, waiting.length)]?.control.abort(new Error("enough"));
        await settled();
        expect(new Set(inside.map(({ key }) => key)).size).toBeLessThanOrEqual(1);
      }
      while (inside.length > 0) {
        for (const { leave } of inside.splice(0)) leave();
        await settled();
      }
      expect(waiting).toEqual([]);
      expect(entered).toEqual(entered.toSorted((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
});

test("leaving twice counts once", async () => {
  const turns = new AdapterTurns();
  const never = new AbortController().signal;
  const first = await turns.enter("a", never);
  const second = await turns.enter("a", never);
  first();
  first();
  let other = false;
  const waiting = turns.enter(null, never).then((leave) => {
    other = true;
    return leave;
  });
  await settled();
  expect(other).toBe(false);
  second();
  (await waiting)();
  expect(turns.current).toBeNull();
});
