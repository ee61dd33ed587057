import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission } from "./admission.ts";
import { EngineBusy, RateLimited, RequestCancelled } from "./errors.ts";
import { WaitingRoom } from "./waiting-room.ts";

interface Request {
  client: string;
  group: string | null;
  state: "waiting" | "inside" | "gone";
  leave: () => void;
  control: AbortController;
  /** Numbers of admissions, over the whole run. */
  cameAt: number;
  /** Own requests of the same group that came before and still waited. */
  before: number;
}

const never = new AbortController().signal;
/** Enough turns of the microtask queue for everything that was granted or refused to show. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

const move = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("enter" as const),
      client: fc.constantFrom("ann", "bob", "cleo"),
      group: fc.constantFrom(null, "one", "two", "three"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), index: fc.nat({ max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), index: fc.nat({ max: 30 }) }) },
);
const limits = fc.record({
  slots: fc.integer({ min: 1, max: 3 }),
  groups: fc.integer({ min: 1, max: 3 }),
  maxWaiting: fc.nat({ max: 6 }),
  inAll: fc.nat({ max: 8 }),
  perClient: fc.nat({ max: 4 }),
});

test("whatever comes, goes and gives up: bounds hold, clients take turns, nobody starves", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 80 }), limits, async (moves, bounds) => {
      const { slots, groups, maxWaiting, inAll, perClient } = bounds;
      const room = new WaitingRoom({ inAll, perClient });
      const admission = new Admission({ slots, groups, maxWaiting, room });
      const all: Request[] = [];
      const order: Request[] = [];
      const of = (state: Request["state"], group?: string | null): Request[] =>
        all.filter((one) => one.state === state && (group === undefined || one.group === group));

      const enter = async (client: string, group: string | null): Promise<void> => {
        const waiting = of("waiting");
        const own = waiting.filter((one) => one.client === client);
        const control = new AbortController();
        const request: Request = {
          client,
          group,
          state: "waiting",
          leave: () => undefined,
          control,
          cameAt: order.length,
          before: own.filter((one) => one.group === group).length,
        };
        const entering = admission.enter({ client, group }, control.signal);
        let refused: unknown;
        entering.then(
          (leave) => {
            request.state = "inside";
            request.leave = leave;
            order.push(request);
          },
          (error: unknown) => {
            request.state = "gone";
            refused = error;
          },
        );
        all.push(request);
        await settled();
        if (refused instanceof RateLimited) expect(own.length).toBe(perClient);
        else if (refused instanceof EngineBusy)
          expect(waiting.length === maxWaiting || waiting.length === inAll).toBe(true);
        else expect(refused).toBeUndefined();
      };
      const step = async (change: (typeof moves)[number]): Promise<void> => {
        if (change.kind === "enter") return await enter(change.client, change.group);
        const candidates = of(change.kind === "leave" ? "inside" : "waiting");
        const chosen = candidates[change.index % Math.max(1, candidates.length)];
        if (chosen === undefined) return;
        if (change.kind === "cancel") chosen.control.abort(new Error("gave up"));
        else {
          chosen.state = "gone";
          chosen.leave();
          chosen.leave();
        }
        await settled();
        expect(chosen.state).toBe("gone");
      };
      const check = (): void => {
        const open = new Set(of("inside").map(({ group }) => group));
        open.delete(null);
        expect(open.size).toBeLessThanOrEqual(groups);
        for (const group of [null, "one", "two", "three"]) {
          const inside = of("inside", group).length;
          expect(inside).toBeLessThanOrEqual(slots);
          // No slot stays free while somebody waits for it, unless the places for groups are all taken.
          if (of("waiting", group).length > 0 && inside < slots)
            expect(group !== null && open.size === groups).toBe(true);
        }
        expect(admission.active).toBe(of("inside").length);
        expect(admission.waiting).toBe(of("waiting").length);
        expect(admission.total).toBe(admission.active + admission.waiting);
        expect(room.total).toBe(admission.waiting);
        expect(admission.waiting).toBeLessThanOrEqual(Math.min(maxWaiting, inAll));
        for (const client of ["ann", "bob", "cleo"])
          expect(of("waiting").filter((one) => one.client === client).length).toBeLessThanOrEqual(perClient);
      };

      for (const change of moves) {
        await step(change);
        check();
      }
      // Whoever waits gets in once those inside leave, one by one, and nobody new has to come.
      while (of("inside").length > 0) {
        await step({ kind: "leave", index: 0 });
        check();
      }
      expect(of("waiting")).toEqual([]);
      for (const [place, request] of order.entries()) {
        const meanwhile = order.slice(request.cameAt, place).filter(({ group }) => group === request.group);
        for (const other of ["ann", "bob", "cleo"]) {
          if (other === request.client) continue;
          const served = meanwhile.filter(({ client }) => client === other).length;
          expect(served).toBeLessThanOrEqual(request.before + 1);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a client with one request does not wait behind another's hundred", async () => {
  const admission = new Admission({ slots: 1, maxWaiting: 200 });
  const leaveFirst = await admission.enter({ client: "busy", group: null }, never);
  const busy = Array.from({ length: 100 }, () => admission.enter({ client: "busy", group: null }, never));
  const single = admission.enter({ client: "other", group: null }, never);
  leaveFirst();
  const leaveSecond = await busy[0];
  leaveSecond?.();
  (await single)();
  expect(admission.waiting).toBe(98);
});

test("a request for a group that is not open gets in although the open ones are asked for all the time", async () => {
  const admission = new Admission({ slots: 2, groups: 1, maxWaiting: 200 });
  const inside = [await admission.enter({ client: "a", group: "one" }, never)];
  let opened = false;
  const waiting = admission.enter({ client: "b", group: "two" }, never).then((leave) => {
    opened = true;
    return leave;
  });
  for (let round = 0; round < 3 && !opened; round++) {
    admission.enter({ client: "a", group: "one" }, never).then(
      (leave) => inside.push(leave),
      () => undefined,
    );
    await settled();
    inside.shift()?.();
    await settled();
  }
  expect(opened).toBe(true);
  (await waiting)();
});

test("who gives up leaves at once; who is refused hears when to come again; the end sends all away", async () => {
  const room = new WaitingRoom({ inAll: 10, perClient: 1 });
  const admission = new Admission({ slots: 1, maxWaiting: 2, room });
  await admission.enter({ client: "a", group: null }, never);
  const control = new AbortController();
  const gaveUp = admission.enter({ client: "a", group: null }, control.signal);
  gaveUp.catch(() => undefined);
  await expect(admission.enter({ client: "a", group: null }, never)).rejects.toMatchObject({
    code: "rate_limited",
    details: { waiting: 1, limit: 1, retry_after_seconds: expect.any(Number) },
  });
  control.abort(new Error("gone"));
  expect([admission.waiting, room.total]).toEqual([0, 1]);
  await expect(gaveUp).rejects.toThrow(RequestCancelled);
  expect(room.total).toBe(0);
  const stays = ["a", "b"].map((client) => admission.enter({ client, group: null }, never));
  await expect(admission.enter({ client: "c", group: null }, never)).rejects.toMatchObject({
    code: "unavailable",
    details: { waiting: 2, limit: 2, retry_after_seconds: expect.any(Number) },
  });
  admission.end(new Error("unloaded"));
  for (const one of stays) await expect(one).rejects.toThrow("unloaded");
  await expect(admission.enter({ client: "c", group: null }, never)).rejects.toThrow("unloaded");
});
