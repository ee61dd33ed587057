import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChildProcessError, describeExit } from "./exit.ts";
import { processIdentity } from "./identity.ts";
import { superviseChild } from "./supervisor.ts";
import type { ChildOptions, SupervisionOptions } from "./supervisor.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-process-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

function options(behaviour: string, more: Partial<SupervisionOptions> & { module?: URL } = {}): ChildOptions {
  return {
    name: behaviour,
    module: new URL("tests/child.ts", import.meta.url),
    args: [behaviour],
    logFile: join(folder, "logs", "child.log"),
    recordsFolder: join(folder, "run"),
    readyTimeoutMs: 20_000,
    onMessage: () => undefined,
    ...more,
  };
}

test("a child becomes ready, is recorded, answers with structured values and is stopped", async () => {
  const answers: unknown[] = [];
  const answered = Promise.withResolvers<void>();
  const child = superviseChild(
    options("ready", {
      onMessage(message) {
        answers.push(message);
        if (answers.length === 2) answered.resolve();
      },
    }),
  );
  await child.ready;
  await expect.poll(() => readdir(join(folder, "run"))).toEqual([`${child.pid}.json`]);
  await child.send({ map: new Map([[1, new Uint8Array([7])]]) });
  await answered.promise;
  expect(answers[1]).toEqual({ type: "echo", message: { map: new Map([[1, new Uint8Array([7])]]) } });
  const reading = await child.readings();
  expect(reading?.residentBytes).toBeGreaterThan(10_000_000);
  expect(reading?.cpuSeconds).toBeGreaterThan(0);
  const exit = await child.stop();
  expect(exit.reason).toBe("stopped");
  expect(await child.readings()).toBeNull();
  expect(await readdir(join(folder, "run"))).toEqual([]);
});

test("the last words of a child that crashes are kept, in memory and in the log", async () => {
  const child = superviseChild(options("speaks"));
  const exit = await child.exited;
  expect(exit).toMatchObject({ reason: "crashed", signal: "SIGABRT" });
  expect(exit.lastLines).toEqual(
    expect.arrayContaining(["first line", "native code says: tensor 'blk.0' is missing", "ünfinished"]),
  );
  expect(describeExit("trainer", exit)).toContain("trainer was ended by SIGABRT; its last words:");
  expect(await readFile(join(folder, "logs", "child.log"), "utf8")).toContain("tensor 'blk.0' is missing\n");
});

test("a child that ends before it is ready rejects `ready`, and nothing can be sent to it", async () => {
  const child = superviseChild(options("fails"));
  await expect(child.ready).rejects.toThrow("fails ended with status 3");
  await expect(child.send("hello")).rejects.toBeInstanceOf(ChildProcessError);
});

test("a child that never becomes ready is ended after its time", async () => {
  const child = superviseChild(options("silent", { readyTimeoutMs: 300 }));
  await expect(child.ready).rejects.toThrow("did not become ready (waited 300 ms)");
  expect((await child.exited).reason).toBe("not_ready");
});

test("a module that does not exist is a failed child with Node's reason", async () => {
  const child = superviseChild(options("ready", { module: new URL("tests/nowhere.ts", import.meta.url) }));
  const exit = await child.exited;
  expect(exit.reason).toBe("failed");
  expect(exit.lastLines.join("\n")).toContain("ERR_MODULE_NOT_FOUND");
});

test("stop asks first and lets the child end by itself", async () => {
  const child = superviseChild(options("polite"));
  await child.ready;
  const exit = await child.stop({ message: { type: "stop" }, graceMs: 20_000 });
  expect(exit).toMatchObject({ reason: "stopped", code: 0, signal: null, lastLines: ["bye"] });
});

test("a child that ignores message and SIGTERM is killed", async () => {
  const child = superviseChild(options("stubborn"));
  await child.ready;
  const exit = await child.stop({ message: { type: "stop" }, graceMs: 50 });
  expect(exit).toMatchObject({ reason: "stopped", signal: "SIGKILL" });
});

test("the whole group goes with its leader", async () => {
  let grandchild = 0;
  const child = superviseChild(
    options("parent", { onMessage: (message) => (grandchild = grandchildOf(message)) }),
  );
  await child.ready;
  expect(await processIdentity(grandchild)).not.toBeNull();
  process.kill(child.pid ?? 0, "SIGKILL");
  expect(await child.exited).toMatchObject({ reason: "crashed", signal: "SIGKILL" });
  await expect.poll(() => processIdentity(grandchild)).toBeNull();
});

test("children and grandchildren do not outlive a hub that is killed", async () => {
  const owner = fork(new URL("tests/owner.ts", import.meta.url), [folder], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [message] = await once(owner, "message");
  const grandchild = grandchildOf(message);
  expect(await processIdentity(grandchild)).not.toBeNull();
  owner.kill("SIGKILL");
  await once(owner, "exit");
  await vi.waitFor(async () => expect(await processIdentity(grandchild)).toBeNull(), { timeout: 60_000 });
}, 30_000);

test("the log file is bounded, with one old copy, and the last lines are the last", async () => {
  const child = superviseChild(options("chatty", { logLimitBytes: 50_000 }));
  const exit = await child.exited;
  expect(exit.reason).toBe("finished");
  expect(exit.lastLines.at(-1)).toMatch(/^line 1999 /);
  const sizes = await Promise.all(
    ["child.log", "child.log.1"].map(async (name) => (await stat(join(folder, "logs", name))).size),
  );
  for (const size of sizes) expect(size).toBeLessThanOrEqual(70_000);
});

test("a child beyond its memory limit is ended with the numbers", async () => {
  const child = superviseChild(options("hungry", { memoryLimitBytes: 150_000_000 }));
  const exit = await child.exited;
  expect(exit.reason).toBe("memory");
  expect(exit.note).toMatch(/^holds \d{9,} bytes, the limit is 150000000$/);
}, 30_000);

test("secrets of the hub are not passed on", async () => {
  vi.stubEnv("HEARTH_API_KEY", "sk-secret");
  vi.stubEnv("DATABASE_URL", "postgres://user:password@host/db");
  vi.stubEnv("HEARTH_PLAIN", "yes");
  let environment: unknown;
  const child = superviseChild(
    options("environment", { env: { OWN_KEY: "given" }, onMessage: (message) => (environment = message) }),
  );
  await child.exited;
  expect(environment).toMatchObject({ environment: { HEARTH_PLAIN: "yes", OWN_KEY: "given" } });
  expect(environment).not.toHaveProperty("environment.HEARTH_API_KEY");
  expect(environment).not.toHaveProperty("environment.DATABASE_URL");
});

function grandchildOf(message: unknown): number {
  if (typeof message === "object" && message !== null && "grandchild" in message)
    return Number(message.grandchild);
  throw new Error(`no pid in ${JSON.stringify(message)}`);
}
