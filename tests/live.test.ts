import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LiveChange } from "../packages/sdk/src/live.ts";
import { TestHub } from "./test-hub.ts";

/** Reads until an event is as wanted; gives everything that was read. */
async function readUntil(
  events: AsyncGenerator<LiveChange>,
  wanted: (event: LiveChange) => boolean,
): Promise<LiveChange[]> {
  const read: LiveChange[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done === true) throw new Error(`the feed ended after ${JSON.stringify(read)}`);
    read.push(next.value);
    if (wanted(next.value)) return read;
  }
}

const about = (topic: string) => (event: LiveChange) => event.type === "change" && event.topic === topic;

test("what changes is told by topic, to the end of the hub", async () => {
  await using hub = await TestHub.start();
  const events = hub.client.live();
  expect((await events.next()).value).toMatchObject({ type: "ready" });
  await hub.addTinyModel();
  await readUntil(events, about("models"));
  await hub.post("/api/2.0/mlflow/runs/create", { experiment_id: "0" });
  await readUntil(events, about("runs"));
  await hub.post("/v1/completions", { model: "tiny", prompt: "a", max_tokens: 1 });
  const seen: LiveChange[] = await readUntil(events, about("traces"));
  seen.push(...(await readUntil(events, about("machine"))));
  expect(seen.some(about("serving"))).toBe(true);
  const stopped = hub.stop();
  for await (const _event of events);
  await stopped;
});

test("a listener resumes without a gap, and after a restart begins anew", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-live-"));
  try {
    await using hub = await TestHub.start({ home });
    const first = hub.client.live();
    const { value: ready } = await first.next();
    const lastEventId = ready?.lastEventId;
    await first.return(undefined);
    const other = readUntil(hub.client.live(), about("runs"));
    await hub.post("/api/2.0/mlflow/experiments/create", { name: "while nobody listened" });
    // Another listener sees when it has been told.
    await other;
    const resumed = await readUntil(hub.client.live({ lastEventId }), about("runs"));
    // The chat may tell meanwhile that it is there.
    const told = resumed.filter((event) => event.type !== "change" || event.topic === "runs");
    expect(told.map(({ type }) => type)).toEqual(["ready", "change"]);
    const port = String(hub.port);
    await hub.stop();
    await using again = await TestHub.start({ home, env: { HEARTH_PORT: port } });
    const { value } = await again.client.live({ lastEventId }).next();
    expect(value?.type).toBe("reset");
    expect(value?.lastEventId).not.toBe(lastEventId);
  } finally {
    await rm(home, { recursive: true });
  }
});

test("a feed is for those who may use the hub", async () => {
  await using hub = await TestHub.start({ env: { HEARTH_API_KEY: "secret-enough-for-a-test" } });
  const refused = await hub.fetch("/events");
  expect(refused.status).toBe(401);
  await refused.body?.cancel();
});
