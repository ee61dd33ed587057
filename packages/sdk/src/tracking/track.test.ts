import { beforeEach, expect, test } from "vitest";
import { TrackingClient } from "./client.ts";
import { currentRun } from "./current-run.ts";
import { MemoryServer } from "./memory-server.ts";
import { track } from "./track.ts";

let server: MemoryServer;
let client: TrackingClient;

beforeEach(() => {
  server = new MemoryServer();
  client = new TrackingClient({ url: "http://server", fetch: server.fetch });
});

const byText = (a = "", b = "") => a.localeCompare(b);

test("a function does what it did, and its call is a run", async () => {
  const add = track(
    function add(this: { base: number }, rate: number, options: { epochs: number; apiKey: string }) {
      return { sum: this.base + rate + options.epochs };
    },
    { client, tags: { team: "a" } },
  );
  expect(add.name).toBe("add");
  expect(add.length).toBe(2);
  expect(add.call({ base: 1 }, 0.5, { epochs: 2, apiKey: "very secret" })).toEqual({ sum: 3.5 });
  await client.flush();
  const run = server.run("add");
  expect(run.status).toBe("FINISHED");
  expect(run.params).toEqual({ rate: "0.5", "options.epochs": "2", "options.apiKey": "[redacted]" });
  expect(run.tags).toMatchObject({
    "call.function": "add",
    "call.result": '{"sum":3.5}',
    team: "a",
    "packages.lock": "package-lock.json",
    "system.runtime": `Node ${process.versions.node}`,
  });
  expect(run.tags["mlflow.source.git.commit"]).toMatch(/^[0-9a-f]{40}$/);
  expect(run.metrics.map(({ key }) => key)).toEqual(["duration_ms"]);
  expect(JSON.stringify(server.requests)).not.toContain("very secret");
});

test("an exception goes on as it was, and its stack and causes are kept", async () => {
  const error = new RangeError("too far", { cause: new Error("a step before") });
  const fail = track(
    () => {
      throw error;
    },
    { client, name: "fail" },
  );
  expect(() => fail()).toThrow(error);
  await client.flush();
  expect(server.run("fail")).toMatchObject({
    status: "FAILED",
    tags: { "exception.type": "RangeError", "exception.message": "too far" },
  });
  const [text] = [...server.files.values()];
  expect(text).toMatch(/^RangeError: too far\n\s+at [^]*Caused by: Error: a step before/);
});

test("async functions, and calls within calls as children", async () => {
  const inner = track(
    async function inner(n: number) {
      await Promise.resolve();
      currentRun()?.logMetric("n", n);
      return n;
    },
    { client },
  );
  const outer = track(
    async function outer() {
      await Promise.resolve();
      const [a, b] = await Promise.all([inner(1), inner(2)]);
      return a + b;
    },
    { client },
  );
  expect(await Promise.all([outer(), outer()])).toEqual([3, 3]);
  await client.flush();
  const parents = server.runs.filter(({ name }) => name === "outer").map(({ id }) => id);
  const children = server.runs.filter(({ name }) => name === "inner");
  const named = children.map(({ tags }) => tags["mlflow.parentRunId"]);
  expect(named.toSorted(byText)).toEqual([...parents, ...parents].toSorted(byText));
  expect(children.map(({ metrics }) => String(metrics[0]?.value)).toSorted(byText)).toEqual([
    "1",
    "1",
    "2",
    "2",
  ]);
  expect(children.every(({ tags }) => tags["system.os"] === undefined)).toBe(true);
});

test("a rejected promise rejects the same and fails the run", async () => {
  const fail = track(() => Promise.reject(new Error("later")), { client, name: "fail" });
  await expect(fail()).rejects.toThrow("later");
  await client.flush();
  expect(server.run("fail")).toMatchObject({ status: "FAILED", tags: { "exception.message": "later" } });
});

test("a promise of another make keeps its own methods", async () => {
  class Own extends Promise<number> {
    extra = () => "kept";
  }
  const own = Own.resolve(7) as Own;
  const call = track(() => own, { client, name: "own" });
  expect(call().extra()).toBe("kept");
  await client.flush();
  expect(server.run("own").tags["call.result"]).toBe("7");
});

test("generators: values in and out, early end, error, prototype", async () => {
  const count = track(
    function* count(to: number): Generator<number, string, number> {
      let sum = 0;
      for (let n = 0; n < to; n++) sum += yield n;
      return `sum ${sum}`;
    },
    { client },
  );
  const steps = count(2);
  expect([steps.next(0), steps.next(10), steps.next(20)]).toEqual([
    { value: 0, done: false },
    { value: 1, done: false },
    { value: "sum 30", done: true },
  ]);
  expect(
    count(4)
      .map((n) => n * 2)
      .toArray(),
  ).toEqual([0, 2, 4, 6]);
  const left = count(9);
  left.next(0);
  left.next(0);
  left.return("enough");
  await client.flush();
  expect(server.runs.map(({ status }) => status)).toEqual(["FINISHED", "FINISHED", "FINISHED"]);
  expect(server.runs[0]?.tags).toMatchObject({ "call.yielded": "[0,1]", "call.result": '"sum 30"' });
  expect(server.runs[2]?.metrics.find(({ key }) => key === "yielded")?.value).toBe(2);
});

test("async generators run each step inside their run", async () => {
  const leaf = track(() => 1, { client, name: "leaf" });
  const stream = track(
    async function* stream() {
      yield leaf();
      await Promise.resolve();
      yield leaf();
      throw new Error("broken");
    },
    { client },
  );
  const seen: number[] = [];
  const reading = async () => {
    for await (const value of stream()) seen.push(value);
  };
  await expect(reading()).rejects.toThrow("broken");
  await client.flush();
  const run = server.run("stream");
  expect(seen).toEqual([1, 1]);
  expect(run).toMatchObject({ status: "FAILED", tags: { "exception.message": "broken" } });
  const parents = server.runs
    .filter(({ name }) => name === "leaf")
    .map(({ tags }) => tags["mlflow.parentRunId"]);
  expect(parents).toEqual([run.id, run.id]);
});

test("as a decorator function of methods and fields; nothing else", async () => {
  const context = { kind: "method", name: "fit", addInitializer: () => undefined };
  const decorate = track({ client });
  const fit = decorate(
    function (this: { rate: number }, epochs: number) {
      return this.rate * epochs;
    },
    context as unknown as ClassMethodDecoratorContext,
  );
  expect(fit.call({ rate: 2 }, 3)).toBe(6);
  const field = { ...context, kind: "field", name: "predict" } as unknown as ClassFieldDecoratorContext;
  const predict = decorate(undefined, field)((x: number) => x + 1);
  expect(predict(1)).toBe(2);
  await client.flush();
  expect(server.runs.map(({ name }) => name)).toEqual(["fit", "predict"]);
  const getter = { ...context, kind: "getter" } as unknown as ClassMethodDecoratorContext;
  expect(() => decorate(() => 1, getter)).toThrow(/not on a getter/);
});

test("large arguments and results become files", async () => {
  const echo = track((list: number[]) => list.map((n) => `${"x".repeat(200)}${n}`), { client, name: "echo" });
  echo(Array.from({ length: 500 }, (_, n) => n));
  await client.flush();
  expect([...server.files.keys()].map((path) => path.split("artifacts/").at(-1))).toEqual([
    "call/result.json",
  ]);
  expect(server.run("echo").tags["call.arguments"]).toContain("[400 more]");
});

test("a server that is away or refuses changes no call", async () => {
  const refusal = { error_code: "PERMISSION_DENIED", message: "no" };
  const drops: unknown[] = [];
  const deaf = new TrackingClient({
    url: "http://server",
    fetch: () => Promise.resolve(Response.json(refusal, { status: 403 })),
    experiment: "x",
    onDrop: (drop) => drops.push(drop),
  });
  const run = deaf.beginRun();
  const call = track((n: number) => n + 1, { client: deaf });
  expect(call(1)).toBe(2);
  await expect(run.flush()).rejects.toThrow();
  expect(drops.length).toBeGreaterThan(0);
});
