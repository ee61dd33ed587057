import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { TrackingError, TrackingUnreachable } from "./errors.ts";
import { Rest } from "./rest.ts";
import { readRetryAfter } from "../retry-after.ts";
import { backoffMs } from "./retry.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function restWith(...answers: (Response | Error)[]) {
  const at: number[] = [];
  const fetch: typeof globalThis.fetch = () => {
    at.push(Date.now());
    const answer = answers.shift() ?? new Error("no more answers");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { rest: new Rest({ url: "http://server/", fetch }), at };
}

const call = (rest: Rest) => rest.call(z.object({}), "POST", "runs/create", { body: {} });

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const all = Promise.allSettled([promise]);
  await vi.runAllTimersAsync();
  return (await all)[0];
}

test.each([429, 503])("%s is tried again after what Retry-After says", async (status) => {
  const busy = new Response("{}", { status, headers: { "retry-after": "7" } });
  const { rest, at } = restWith(busy, Response.json({}));
  expect((await settled(call(rest))).status).toBe("fulfilled");
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBe(7000);
});

test("a refusal is not tried again and keeps the server's words", async () => {
  const refusal = { error_code: "INVALID_PARAMETER_VALUE", message: "no such thing" };
  const { rest, at } = restWith(Response.json(refusal, { status: 400 }));
  const result = await settled(call(rest));
  expect(result).toMatchObject({
    reason: { name: "TrackingError", code: "INVALID_PARAMETER_VALUE", status: 400, message: "no such thing" },
  });
  expect(at).toHaveLength(1);
});

test("a server that stays away is named, with the reason, after the time is over", async () => {
  const gone = new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) });
  const { rest, at } = restWith(...Array.from({ length: 100 }, () => gone));
  const result = await settled(call(rest));
  expect(result.status === "rejected" && result.reason).toBeInstanceOf(TrackingUnreachable);
  expect(result).toMatchObject({
    reason: { message: expect.stringMatching(/http:\/\/server .*ECONNREFUSED/) },
  });
  expect(at.length).toBeGreaterThan(3);
  expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeLessThanOrEqual(30_000);
});

test("an answer that is no tracking server's is an error that quotes it", async () => {
  const result = await settled(call(restWith(new Response("<html>")).rest));
  expect(result.status === "rejected" && result.reason).toBeInstanceOf(TrackingError);
  expect(result).toMatchObject({
    reason: { code: "UNEXPECTED_ANSWER", message: expect.stringContaining("<html>") },
  });
});

test("Retry-After as seconds, as a date, and as nonsense", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(readRetryAfter("3", now)).toBe(3000);
  expect(readRetryAfter("Thu, 01 Jan 2026 00:00:09 GMT", now)).toBe(9000);
  expect(readRetryAfter("Thu, 01 Jan 2015 00:00:09 GMT", now)).toBe(0);
  expect(readRetryAfter("soon", now)).toBeNull();
  expect(readRetryAfter(null, now)).toBeNull();
});

test("waits double up to ten seconds, each spread over its upper half", () => {
  expect([1, 2, 3, 8, 1000].map((attempt) => backoffMs(attempt, 1))).toEqual([100, 200, 400, 10_000, 10_000]);
  expect(backoffMs(2, 0)).toBe(100);
});
