import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HubUnreachable } from "@hearth/sdk";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { enginePid, TestHub } from "./test-hub.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-home-"));
});
afterEach(() => rm(home, { recursive: true }));

test("a fresh hub is healthy and ready, and its home is private", async () => {
  await using hub = await TestHub.start({ home });
  expect(await hub.client.health()).toMatchObject({
    status: "ok",
    database: "ok",
    jobs: { queued: 0, running: 0 },
    engines: [],
  });
  for (const path of ["/health/live", "/health/ready"])
    expect(await (await hub.fetch(path)).json()).toEqual({ status: "ok" });
  const status = await hub.client.status();
  expect(status).toMatchObject({ url: hub.url, home, pid: process.pid, running_job: null, queued_jobs: [] });
  expect(status.machine.memory_total_bytes).toBeGreaterThan(status.machine.memory_available_bytes);
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  expect(JSON.parse(await readFile(join(home, "hub.json"), "utf8"))).toMatchObject({
    url: hub.url,
    pid: process.pid,
  });
});

test("what is registered is there after a restart", async () => {
  {
    await using hub = await TestHub.start({ home });
    await hub.addTinyModel("kept");
  }
  await using hub = await TestHub.start({ home });
  expect(await hub.client.models.resolve("kept")).toMatchObject({ version: 1, status: "ready" });
  const answer = await hub.client.inference.run({ model_id: "kept", prompt: "a", max_tokens: 1 });
  expect(answer.tokens).toBe(1);
});

test("a second hub on one home is refused with the address of the first", async () => {
  await using hub = await TestHub.start({ home });
  await expect(TestHub.start({ home })).rejects.toThrow(hub.url);
  expect((await hub.client.health()).status).toBe("ok");
});

test("a port in use is one sentence, and the home is free again", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  await expect(TestHub.start({ home, env: { HEARTH_PORT: port } })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use; stop what uses it`,
  );
  other.close();
  await using hub = await TestHub.start({ home });
  expect((await hub.client.health()).status).toBe("ok");
});

test("POST /shutdown stops it in order", async () => {
  await using hub = await TestHub.start({ home });
  expect(await hub.client.shutdown()).toEqual({ stopping: true, pid: process.pid });
  await hub.closed;
  await expect(hub.client.health()).rejects.toBeInstanceOf(HubUnreachable);
  await expect(stat(join(home, "hub.json"))).rejects.toThrow(/ENOENT/);
});

test("a stop lets running answers end, ends listeners, and leaves no engine", async () => {
  await using hub = await TestHub.start({ home });
  await hub.addTinyModel();
  const stream = hub.client.inference.stream({
    model_id: "tiny",
    prompt: "abc",
    max_tokens: 300,
    temperature: 0,
  });
  const first = await stream.next();
  expect(first.done).toBe(false);
  const pid = await enginePid(hub);
  const stopped = hub.stop();
  let next = await stream.next();
  while (next.done !== true) next = await stream.next();
  expect(next.value.tokens).toBe(300);
  await stopped;
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test("a database that cannot be reached stops the start, without its password", async () => {
  const started = TestHub.start({
    home,
    env: { DATABASE_URL: "postgres://nobody:hunter22@127.0.0.1:1/none" },
  });
  await expect(started).rejects.toMatchObject({
    code: "unavailable",
    message: expect.not.stringContaining("hunter22"),
  });
  await using hub = await TestHub.start({ home });
  expect((await hub.client.health()).database).toBe("ok");
});

test("the log has JSON lines in the home and short lines for people", async () => {
  const lines = new PassThrough();
  let shown = "";
  lines.on("data", (part: Buffer) => (shown += part.toString()));
  const key = "a-secret-of-16-chars";
  {
    await using hub = await TestHub.start({
      home,
      logStream: lines,
      env: { HEARTH_API_KEY: key, LOG_LEVEL: "debug", MLFLOW_TRACKING_URI: "http://x" },
    });
    await hub.client.health();
    expect(shown).toContain(`Hearth is ready url=${hub.url}`);
  }
  expect(shown).toContain("MLFLOW_TRACKING_URI is set");
  const file = await readFile(join(home, "logs", "hub.log"), "utf8");
  const messages = file
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(messages).toContainEqual(
    expect.objectContaining({ msg: "request", method: "GET", path: "/health", status: 200 }),
  );
  expect(file + shown).not.toContain(key);
});
