import { access, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Connection, type Answer } from "../../bench/tracking/connection.ts";
import type { Operation } from "../../packages/hub/src/api/operation.ts";
import { operations, pathsOf } from "../../packages/hub/src/api/routes.ts";
import { TestHub } from "../test-hub.ts";
import { hostileRequests, type Known } from "./hostile.ts";
import { MlflowApi } from "./mlflow-api.ts";

/** Requests of each route. */
const storm = 40;
/** An answer that takes longer is a hang, s. */
const patience = 10;

const postgres = process.env["DATABASE_URL_TEST"];
const databases = [
  { name: "SQLite", env: {} },
  ...(postgres === undefined ? [] : [{ name: "PostgreSQL", env: { DATABASE_URL: postgres } }]),
];
if (postgres === undefined)
  console.info("hostile input on PostgreSQL: skipped, DATABASE_URL_TEST is not set");

const routes = operations
  .filter(({ dialect }) => dialect === "mlflow")
  .map((operation): [string, Operation] => [`${operation.method} ${operation.path}`, operation]);

/** MLflow's form, and that of OpenTelemetry's exporters. */
const refusal = z.union([
  z.object({ error_code: z.string(), message: z.string() }),
  z.object({ code: z.number(), message: z.string() }),
  z.object({ detail: z.string() }),
]);

/** What any answer to hostile input has to be: not the hub's own failure, and an error in MLflow's form. */
function checkAnswer({ status, body }: Answer): void {
  const text = body.toString();
  // Not implemented is what MLflow's server says, too, where it stands for a feature of other stores.
  if (status >= 500 && status !== 501) throw new Error(`${status}: ${text}`);
  if (status >= 400) refusal.parse(JSON.parse(text));
}

describe.each(databases)("hostile input on $name", ({ env }) => {
  let hub: TestHub;
  let known: Known;

  beforeAll(async () => {
    hub = await TestHub.start({ env });
    const api = new MlflowApi(hub.url);
    const unique = `${process.pid}-${Date.now()}`;
    const experiment = await api.createExperiment(`hostile ${unique}`);
    const run = (await api.createRun(experiment)).id;
    const model = `hostile-${unique}`;
    expect((await api.post("registered-models/create", { name: model })).status).toBe(200);
    const metric = { run_id: run, key: "loss", value: 1, timestamp: 1, step: 1 };
    expect((await api.post("runs/log-metric", metric)).status).toBe(200);
    known = { experiment, run, model };
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test.each(routes)("%s never fails and never hangs", async (_, operation) => {
    const [path = operation.path] = pathsOf(operation);
    using connection = new Connection(hub.url, patience);
    await fc.assert(
      fc.asyncProperty(hostileRequests(operation, path, known), async ({ method, target, body }) => {
        checkAnswer(await connection.ask(method, target, body));
      }),
      { numRuns: storm, seed: 20_261_121 },
    );
  });

  test("it still works afterwards", async () => {
    const api = new MlflowApi(hub.url);
    const { id } = await api.createRun(await api.createExperiment(`afterwards ${process.pid} ${Date.now()}`));
    expect(
      (await api.post("runs/log-metric", { run_id: id, key: "loss", value: 2, timestamp: 1, step: 1 }))
        .status,
    ).toBe(200);
    expect(await api.history(id, "loss")).toHaveLength(1);
  });
});

describe("paths that lead out of the artifacts", () => {
  const canary = `hearth-canary-${process.pid}`;
  const ways = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    ".%2e/",
    "..%5c",
    "%252e%252e%252f",
    "..%c0%af",
    "....//",
    "/./../",
  ];
  const escapes = ways.flatMap((way) => [way.repeat(4), way.repeat(12), `a/${way.repeat(12)}`]);
  let hub: TestHub;
  let run: { id: string; artifacts: string };

  beforeAll(async () => {
    hub = await TestHub.start();
    const api = new MlflowApi(hub.url);
    run = await api.createRun(await api.createExperiment("escapes"));
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test.each(escapes)("%s", async (escape) => {
    // Raw requests: fetch would tidy the path before it is sent.
    using connection = new Connection(hub.url, patience);
    const root = "/api/2.0/mlflow-artifacts/artifacts";
    const requests: [string, string][] = [
      ["PUT", `${run.artifacts}/${escape}${canary}`],
      ["PUT", `${root}/${escape}${canary}`],
      ["GET", `${run.artifacts}/${escape}etc/passwd`],
      ["DELETE", `${run.artifacts}/${escape}${canary}`],
      ["GET", `${root}?path=${escape}`],
      ["GET", `/api/2.0/mlflow/artifacts/list?run_id=${run.id}&path=${escape}`],
      ["GET", `/get-artifact?run_id=${run.id}&path=${escape}etc/passwd`],
      ["POST", `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run.id}&path=${escape}${canary}`],
    ];
    for (const [method, target] of requests) {
      const answer = await connection.ask(method, target, method === "GET" ? "" : "canary");
      // Some of these, tidied as addresses are, lead to no route at all, which the hub says in its own words.
      if (answer.status >= 400) expect(answer.body.toString()).toMatch(/^\{"error/);
      else checkAnswer(answer);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body.toString()).not.toContain("root:");
    }
  });

  test("nothing was written outside", async () => {
    for (const folder of [tmpdir(), dirname(hub.home), "/", process.cwd()])
      await expect(access(join(folder, canary))).rejects.toThrow("ENOENT");
    const inHome = (await readdir(hub.home, { recursive: true })).filter((path) => path.includes(canary));
    // A name with harmless dots in it may be an artifact like any other, in its place.
    for (const path of inHome) expect(path).toMatch(/^artifacts\//);
  });
});
