import fc from "fast-check";
import { expect, test } from "vitest";
import { makeRoom } from "./budget.ts";
import { ResourceExhausted } from "./errors.ts";

const claim = fc.record({ bytes: fc.nat({ max: 100 }), idle: fc.boolean(), lastUsed: fc.nat({ max: 50 }) });

test("what is evicted is idle, as little as needed, longest unused first, and then it fits", () => {
  fc.assert(
    fc.property(
      fc.array(claim, { maxLength: 8 }),
      fc.nat({ max: 300 }),
      fc.nat({ max: 400 }),
      fc.nat({ max: 100 }),
      (claims, bytes, totalBytes, otherBytes) => {
        const held = claims.reduce((sum, one) => sum + one.bytes, 0);
        const busy = claims.filter((one) => !one.idle).reduce((sum, one) => sum + one.bytes, 0);
        const free = totalBytes - otherBytes;
        const attempt = (): typeof claims => makeRoom("It", bytes, claims, { totalBytes, otherBytes });
        if (busy + bytes > free) {
          expect(attempt).toThrow(ResourceExhausted);
          return;
        }
        const evicted = attempt();
        expect(evicted.every((one) => one.idle)).toBe(true);
        const kept = held - evicted.reduce((sum, one) => sum + one.bytes, 0);
        expect(kept + bytes).toBeLessThanOrEqual(free);
        const last = evicted.at(-1);
        if (last !== undefined) expect(kept + last.bytes + bytes).toBeGreaterThan(free);
        const newest = Math.max(-1, ...evicted.map((one) => one.lastUsed));
        for (const one of claims) {
          if (one.idle && !evicted.includes(one)) expect(one.lastUsed).toBeGreaterThanOrEqual(newest);
        }
      },
    ),
  );
});

test("the refusal carries the numbers", () => {
  const busy = { bytes: 60, idle: false, lastUsed: 0 };
  expect(() => makeRoom("It", 50, [busy], { totalBytes: 120, otherBytes: 20 })).toThrow(
    expect.objectContaining({
      code: "resource_exhausted",
      details: { needed_bytes: 50, available_bytes: 40 },
    }),
  );
});
