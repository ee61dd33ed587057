import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FeedEvent } from "../../api/services.ts";
import { LiveFeed } from "./live-feed.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const forever = new AbortController().signal;

async function take(events: AsyncGenerator<FeedEvent, void, void>, count: number): Promise<FeedEvent[]> {
  const taken: FeedEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

const shortOf = ({ event }: FeedEvent): string =>
  event.type === "change" ? `${event.topic} ${event.id ?? "*"}` : event.type;

test("what happens again within a moment is told once", async () => {
  using feed = new LiveFeed();
  const events = feed.follow(null, forever);
  for (let time = 0; time < 100; time++) feed.announce("runs", "a");
  feed.announce("jobs");
  vi.advanceTimersByTime(250);
  feed.announce("runs", "a");
  vi.advanceTimersByTime(250);
  expect((await take(events, 4)).map(shortOf)).toEqual(["ready", "runs a", "jobs *", "runs a"]);
});

test("very many things at once are one notice of their topic", async () => {
  using feed = new LiveFeed();
  const events = feed.follow(null, forever);
  for (let run = 0; run < 10_000; run++) feed.announce("runs", String(run));
  feed.announce("jobs", "end");
  vi.advanceTimersByTime(250);
  expect((await take(events, 3)).map(shortOf)).toEqual(["ready", "runs *", "jobs end"]);
});

test("a listener goes on where it was, or hears that it cannot", async () => {
  using feed = new LiveFeed({ ring: 5 });
  for (const id of ["a", "b", "c"]) {
    feed.announce("runs", id);
    vi.advanceTimersByTime(250);
  }
  const [ready] = await take(feed.follow(null, forever), 1);
  const epoch = ready?.id?.split("-")[0] ?? "";
  const resumed = await take(feed.follow(`${epoch}-1`, forever), 3);
  expect(resumed.map(shortOf)).toEqual(["ready", "runs b", "runs c"]);
  expect(resumed.map(({ id }) => id)).toEqual([`${epoch}-1`, `${epoch}-2`, `${epoch}-3`]);
  for (const id of ["d", "e", "f", "g", "h"]) feed.announce("runs", id);
  vi.advanceTimersByTime(250);
  for (const unknown of [`${epoch}-1`, `${epoch}-99`, "other-3", "", "-", `${epoch}-1e3`, "x".repeat(9000)]) {
    expect((await take(feed.follow(unknown, forever), 1)).map(shortOf)).toEqual(["reset"]);
  }
  expect((await take(feed.follow(`${epoch}-3`, forever), 6)).map(shortOf).at(-1)).toBe("runs h");
});

test("a listener that does not read costs a bounded queue and hears a reset", async () => {
  using feed = new LiveFeed();
  const events = feed.follow(null, forever);
  for (let round = 0; round < 300; round++) {
    feed.announce("runs", String(round));
    vi.advanceTimersByTime(250);
  }
  const [first, second] = await take(events, 2);
  expect(first && shortOf(first)).toBe("reset");
  expect(second && shortOf(second)).toMatch(/^(runs \d+|machine \*)$/);
});

test("there are so many listeners and no more, and who leaves makes room", async () => {
  using feed = new LiveFeed({ listeners: 2 });
  const leave = new AbortController();
  const first = feed.follow(null, leave.signal);
  await take(first, 1);
  feed.follow(null, forever);
  expect(() => feed.follow(null, forever)).toThrow(/2 listeners/);
  const ended = first.next();
  leave.abort();
  expect((await ended).done).toBe(true);
  expect((await take(feed.follow(null, forever), 1)).map(shortOf)).toEqual(["ready"]);
});

test("the machine ticks only while somebody listens, and moves nobody's place", async () => {
  using feed = new LiveFeed();
  vi.advanceTimersByTime(60_000);
  const events = feed.follow(null, forever);
  vi.advanceTimersByTime(2_000);
  const [ready, tick] = await take(events, 2);
  expect(ready?.event.type).toBe("ready");
  expect(tick).toEqual({ id: null, event: { type: "change", topic: "machine" } });
  await events.return();
  expect(vi.getTimerCount()).toBe(0);
});
