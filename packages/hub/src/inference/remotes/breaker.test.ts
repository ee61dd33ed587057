import fc from "fast-check";
import { expect, test } from "vitest";
import { Breaker } from "./breaker.ts";

test("three failures in a row open it; a sign of life lets one request try; its success closes it", () => {
  let now = 0;
  const breaker = new Breaker(() => now);
  breaker.failed();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  breaker.failed();
  expect(breaker.state).toBe("closed");
  breaker.failed();
  expect(breaker.state).toBe("open");
  expect(breaker.retryAt).toBe(1_000);
  now = 1_000;
  breaker.noSignOfLife();
  expect(breaker.retryAt).toBe(3_000);
  breaker.signOfLife();
  expect(breaker.state).toBe("half-open");
  expect(breaker.allows).toBe(true);
  breaker.begin();
  expect(breaker.allows).toBe(false);
  breaker.succeeded();
  expect(breaker.state).toBe("closed");
});

test("a trial that fails opens it for twice as long, a minute at most", () => {
  let now = 0;
  const breaker = new Breaker(() => now);
  for (let round = 0; round < 3; round++) breaker.failed();
  let wait = breaker.retryAt;
  for (let round = 0; round < 12; round++) {
    now = breaker.retryAt;
    breaker.signOfLife();
    breaker.begin();
    breaker.failed();
    expect(breaker.retryAt - now).toBe(Math.min(60_000, wait * 2));
    wait = breaker.retryAt - now;
  }
});

test("a success of a request that began before does not close an open one", () => {
  const breaker = new Breaker(() => 0);
  for (let round = 0; round < 3; round++) breaker.failed();
  breaker.succeeded();
  expect(breaker.state).toBe("open");
});

const steps = ["begin", "undecided", "succeeded", "failed", "signOfLife", "noSignOfLife"] as const;

test("whatever happens: half-open has at most one request on trial, and it never stays shut for good", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 60 }), (done) => {
      const breaker = new Breaker(() => 0);
      for (const step of done) {
        // A request begins only where it may.
        if (step === "begin" && !breaker.allows) continue;
        breaker[step]();
        if (breaker.state === "open") expect(breaker.allows).toBe(false);
        if (breaker.state === "closed") expect(breaker.allows).toBe(true);
        if (breaker.state === "half-open" && step === "begin") expect(breaker.allows).toBe(false);
        expect(breaker.retryAt).toBeLessThanOrEqual(60_000);
      }
      breaker.undecided();
      breaker.signOfLife();
      expect(breaker.allows).toBe(true);
    }),
  );
});
