import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TrackingClient, TrackingError, track, type RunRecord } from "@hearth/sdk/tracking";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleForBrowsers, recordInPage } from "./browser-page.ts";
import { servers, type Server } from "./servers.ts";

const program = fileURLToPath(new URL("exit-program.ts", import.meta.url));

const bundle = await bundleForBrowsers();

test("a bundle for browsers asks for no module of Node's", () => {
  expect(bundle).not.toMatch(/\bfrom ["']node:|require\(["']node:/);
});

describe.each(servers)("the SDK on $name", ({ start }) => {
  let server: Server;
  let client: TrackingClient;
  let folder: string;

  beforeAll(async () => {
    server = await start();
    client = new TrackingClient({ url: server.url, experiment: "sdk" });
    folder = await mkdtemp(join(tmpdir(), "hearth-sdk-"));
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test("a run with params, metrics of many steps, tags, and its end", async () => {
    const id = await client.startRun(
      { name: "whole", params: { rate: 0.1 }, description: "words" },
      (run) => {
        for (let step = 0; step < 2500; step++) run.logMetric("loss", 1 / (step + 1), { step });
        run.logMetrics({ odd: NaN, huge: Infinity });
        run.setTags({ state: "good", count: 3 });
        return run.id;
      },
    );
    const run = await client.getRun(id);
    expect(run).toMatchObject({ name: "whole", status: "FINISHED", params: { rate: "0.1" } });
    expect(run.metrics).toEqual({ loss: 1 / 2500, odd: NaN, huge: Number.MAX_VALUE });
    expect(run.tags).toMatchObject({ state: "good", count: "3", "mlflow.note.content": "words" });
    expect(run.endTime?.getTime()).toBeGreaterThanOrEqual(run.startTime?.getTime() ?? Infinity);
    expect(await stepsOf(server, id, "loss")).toEqual(Array.from({ length: 2500 }, (_, step) => step));
  });

  test("a body that throws fails its run and throws the same", async () => {
    const error = new Error("broken");
    const failing = client.startRun({ name: "failing" }, () => Promise.reject(error));
    await expect(failing).rejects.toBe(error);
    const run = await only(client, "attributes.run_name = 'failing'");
    expect(run).toMatchObject({ status: "FAILED", tags: { "exception.message": "broken" } });
  });

  test("a run whose creation is not answered is found again, not created twice", async () => {
    let lost = 0;
    const losing: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (lost > 0 || !response.url.endsWith("/runs/create")) return response;
      lost++;
      await response.body?.cancel();
      throw new TypeError("fetch failed");
    };
    const careful = new TrackingClient({ url: server.url, experiment: "lost", fetch: losing });
    const id = await careful.startRun({ name: "lost" }, (run) => run.id);
    expect(lost).toBe(1);
    expect((await all(client, "", "lost")).map((run) => run.id)).toEqual([id]);
  });

  test("tracked calls are child runs, with files where values are large", async () => {
    const inner = track(async (n: number) => Promise.resolve(n * 2), { client, name: "inner" });
    const outer = track(
      async (list: number[]) => {
        const doubled = await Promise.all(list.map((n) => inner(n)));
        return doubled.map((n) => `${"x".repeat(500)}${n}`);
      },
      { client, name: "outer" },
    );
    const parent = await client.startRun({ name: "calls" }, async (run) => {
      await outer([1, 2, 3]);
      return run.id;
    });
    await client.flush();
    const call = await only(client, "tags.`call.function` = 'outer' AND status = 'FINISHED'");
    expect(call?.tags["mlflow.parentRunId"]).toBe(parent);
    const inners = await all(client, `tags.mlflow.parentRunId = '${call?.id ?? ""}' AND status = 'FINISHED'`);
    expect(inners.map(({ params }) => params["n"]).toSorted(byText)).toEqual(["1", "2", "3"]);
    expect(call?.tags["call.result"] ?? "").toContain("x".repeat(500));
  });

  test("files, folders and content become artifacts", async () => {
    await mkdir(join(folder, "tree", "deep er"), { recursive: true });
    await writeFile(join(folder, "tree", "a.txt"), "a");
    await writeFile(join(folder, "tree", "deep er", "ü.bin"), new Uint8Array(100_000).fill(7));
    await using run = await client.startRun({ name: "files" });
    await run.logArtifact(join(folder, "tree"), "tree");
    await run.logArtifact({ path: "note.txt", content: "hello" });
    await run.logArtifact({ path: "bytes", content: new Blob(["abc"]).stream() }, "more");
    const listed = await fetch(
      `${server.url}/api/2.0/mlflow/artifacts/list?run_id=${run.id}&path=tree/deep%20er`,
    );
    expect(await listed.json()).toMatchObject({
      files: [{ path: "tree/deep er/ü.bin", file_size: 100_000 }],
    });
    await expect(run.logArtifact({ path: "../up", content: "x" })).rejects.toThrow(/no "\."/);
    await expect(run.logArtifact(join(folder, "missing"))).rejects.toThrow(/ENOENT/);
  });

  test("a model is logged, registered, given an alias and loaded by each name", async () => {
    const weights = join(folder, "weights.bin");
    const bytes = Buffer.alloc(3_000_000, "weights");
    await writeFile(weights, bytes);
    const log = (rate: number) =>
      client.startRun({ name: "model", params: { rate } }, (run) =>
        run.logModel({ name: "adapter", files: weights, registerAs: "sdk-model", type: "adapter" }),
      );
    const first = await log(1);
    const second = await log(2);
    expect([first.version?.version, second.version?.version]).toEqual(["1", "2"]);
    await client.setAlias("sdk-model", "champion", 1);
    for (const [choice, version] of [
      ["latest", "2"],
      [1, "1"],
      ["2", "2"],
      ["champion", "1"],
    ] as const) {
      await using model = await client.loadModel("sdk-model", choice);
      expect(model).toMatchObject({ name: "sdk-model", version });
      const file = model.files.find(({ path }) => path === "weights.bin");
      expect(file?.size).toBe(bytes.length);
      expect(await sha256(join(model.folder ?? "", "weights.bin"))).toBe(
        createHash("sha256").update(bytes).digest("hex"),
      );
      expect(await readFile(join(model.folder ?? "", "MLmodel"), "utf8")).toContain(
        version === "1" ? first.modelId : second.modelId,
      );
    }
    await expect(client.loadModel("sdk-model", "nobody")).rejects.toThrow(TrackingError);
    await expect(client.loadModel("sdk-nothing")).rejects.toThrow(TrackingError);
  });

  test("runs are found page by page, filtered and ordered", async () => {
    for (let n = 0; n < 5; n++) {
      await client.startRun({ experiment: "pages", environment: false }, (run) => run.logMetric("n", n));
    }
    const search = (options: Parameters<TrackingClient["searchRuns"]>[0]) =>
      collect(client.searchRuns({ experiments: ["pages"], ...options }));
    const found = await search({ filter: "metrics.n >= 1", orderBy: ["metrics.n DESC"], pageSize: 2 });
    expect(found.map(({ metrics }) => metrics["n"])).toEqual([4, 3, 2, 1]);
    expect(await search({ pageSize: 2, limit: 3 })).toHaveLength(3);
    expect(await search({ experiments: ["no such experiment"] })).toEqual([]);
    await expect(search({ filter: "nonsense" })).rejects.toThrow(TrackingError);
  });

  test("a run goes on in another process's place", async () => {
    const id = await client.startRun({ name: "resumed" }, (run) => run.id);
    await client.startRun({ runId: id }, (run) => run.logMetric("more", 1));
    expect(await client.getRun(id)).toMatchObject({ status: "FINISHED", metrics: { more: 1 } });
  });

  test("the machine's readings are recorded for a run that asks for them", async () => {
    const id = await client.startRun({ systemMetrics: { intervalMs: 100 } }, (run) => run.id);
    const { metrics } = await client.getRun(id);
    expect(metrics["system/system_memory_usage_megabytes"]).toBeGreaterThan(0);
    expect(metrics["system/disk_usage_percentage"]).toBeGreaterThan(0);
  });

  test("a page in a browser records a run, a tracked call and a model, and reads them back", async () => {
    const seen = await recordInPage(bundle, server.url);
    expect(seen).toMatchObject({ inside: true, doubled: 42, folder: null, weights: "weights" });
    const runs = await collect(client.searchRuns({ experiments: ["browser"] }));
    const parent = runs.find(({ name }) => name === "page");
    expect(parent).toMatchObject({ status: "FINISHED", metrics: { loss: 0.5 } });
    expect(parent?.tags["system.runtime"]).toBe("a browser");
    const child = runs.find(({ name }) => name === "double");
    expect(child).toMatchObject({ status: "FINISHED", params: { n: "21" } });
    expect(child?.tags["mlflow.parentRunId"]).toBe(parent?.id);
  });

  test.each([
    ["process.exit", 3, "FAILED"],
    ["exception", 1, "FAILED"],
    ["rejection", 1, "FAILED"],
    ["SIGTERM", "SIGTERM", "KILLED"],
    ["SIGINT", "SIGINT", "KILLED"],
    ["own handler", 0, "FINISHED"],
    ["the end", 0, "FINISHED"],
  ] as const)("nothing is lost when a program ends by %s", async (way, ending, status) => {
    const { code, stderr } = await runProgram(server.url, way);
    expect(code, stderr).toBe(ending);
    const found = await all(client, `tags.mlflow.runName = '${way}'`, "exits");
    expect(found).toHaveLength(1);
    const [run] = found;
    expect(run).toMatchObject({ status, params: { way }, metrics: { loss: 899 }, tags: { last: "yes" } });
    expect(await stepsOf(server, run?.id ?? "", "loss")).toHaveLength(900);
    expect(run?.tags["mlflow.source.name"]).toBe(program);
    if (status === "FAILED" && code === 1) expect(run?.tags["exception.message"]).toBe("nobody caught this");
    if (way === "own handler") expect(run?.tags["handled"]).toBe("yes");
    const children = await all(client, `tags.mlflow.parentRunId = '${run?.id ?? ""}'`, "exits");
    expect(children).toMatchObject([{ name: "child", status: "FINISHED", params: { a: "1" } }]);
  });
});

test("a program whose server is gone ends in time and says what was lost", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  await once(server, "close");
  const { code, stderr } = await runProgram(url, "the end", "3000");
  expect(code).toBe(1);
  expect(stderr).toContain(`The tracking server at ${url} gives no answer (ECONNREFUSED)`);
});

test("a program that loses its server says at its end what did not arrive", async () => {
  const server = createServer((request, response) => {
    const info = { run_id: "r", experiment_id: "1", status: "RUNNING" };
    if (request.url?.includes("get-by-name"))
      response.end(JSON.stringify({ experiment: { experiment_id: "1" } }));
    else if (request.url?.includes("runs/create") && !created)
      response.end(JSON.stringify({ run: { info } }));
    else request.socket.destroy();
    created ||= request.url?.includes("runs/create") ?? false;
  });
  let created = false;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await runProgram(`http://127.0.0.1:${port}`, "process.exit", "30000", "500");
  server.close();
  expect(code).toBe(3);
  expect(stderr).toMatch(/^hearth: 2 run\(s\) did not reach the tracking server .* with 90\d metric points/);
});

async function runProgram(...args: string[]): Promise<{ code: number | string | null; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code: signal ?? code, stderr };
}

/** The steps of a metric's whole history, in ascending order. */
async function stepsOf(server: Server, runId: string, key: string): Promise<number[]> {
  const query = new URLSearchParams({ run_id: runId, metric_key: key });
  const history = await fetch(`${server.url}/api/2.0/mlflow/metrics/get-history?${query.toString()}`);
  const { metrics } = (await history.json()) as { metrics: { step?: number }[] };
  return metrics.map(({ step = 0 }) => step).toSorted((a, b) => a - b);
}

const byText = (a = "", b = "") => a.localeCompare(b);

function all(client: TrackingClient, filter: string, experiment = "sdk"): Promise<RunRecord[]> {
  return collect(client.searchRuns({ experiments: [experiment], filter }));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function only(client: TrackingClient, filter: string): Promise<RunRecord | undefined> {
  const found = await all(client, filter);
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0];
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
