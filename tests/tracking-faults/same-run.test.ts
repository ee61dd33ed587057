import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";
import { MlflowApi, type Answer } from "./mlflow-api.ts";

const writers = 10;
const writesEach = 60;
const postgres = process.env["DATABASE_URL_TEST"];

const databases = [
  { name: "SQLite", env: {} },
  ...(postgres === undefined ? [] : [{ name: "PostgreSQL", env: { DATABASE_URL: postgres } }]),
];
if (postgres === undefined) console.info("ten writers on PostgreSQL: skipped, DATABASE_URL_TEST is not set");

/** All writers at once, each through its own writes in order; every answer. */
async function together(
  write: (writer: number, index: number) => Promise<Answer>,
  each = writesEach,
): Promise<Answer[]> {
  const answers = await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const own: Answer[] = [];
      for (let index = 0; index < each; index += 1) own.push(await write(writer, index));
      return own;
    }),
  );
  return answers.flat();
}

function refusals(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ status }) => status !== 200);
}

describe.each(databases)("ten clients write one run on $name", ({ env }) => {
  let hub: TestHub;
  let api: MlflowApi;
  let run: string;

  beforeAll(async () => {
    hub = await TestHub.start({ env });
    api = new MlflowApi(hub.url);
    const name = `ten writers ${process.pid} ${Date.now()}`;
    run = (await api.createRun(await api.createExperiment(name))).id;
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test("one metric: every point is kept, the last step is the latest", async () => {
    const answers = await together((writer, index) => {
      const step = index * writers + writer;
      return api.post("runs/log-metric", {
        run_id: run,
        key: "shared",
        value: step / 8,
        timestamp: step,
        step,
      });
    });
    expect(refusals(answers)).toEqual([]);
    const last = writers * writesEach - 1;
    const steps = (await api.history(run, "shared")).map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: last + 1 }, (_, step) => step));
    const latest = (await api.run(run)).metrics.find(({ key }) => key === "shared");
    expect(latest).toMatchObject({ step: last, value: last / 8 });
  });

  test("batches on the same keys: none of their parts is lost", async () => {
    const answers = await together(
      (writer, index) =>
        api.post("runs/log-batch", {
          run_id: run,
          metrics: Array.from({ length: 20 }, (_, point) => ({
            key: `batched-${point % 4}`,
            value: writer,
            timestamp: index,
            step: (index * writers + writer) * 5 + Math.floor(point / 4),
          })),
          params: [{ key: `param-${writer}-${index}`, value: "set" }],
          tags: [
            { key: `tag-${writer}-${index}`, value: "set" },
            { key: "contended", value: String(writer) },
          ],
        }),
      20,
    );
    expect(refusals(answers)).toEqual([]);
    for (let key = 0; key < 4; key += 1)
      expect(await api.history(run, `batched-${key}`)).toHaveLength(writers * 20 * 5);
    const { params, tags } = await api.run(run);
    expect(params.filter(({ key }) => key.startsWith("param-"))).toHaveLength(writers * 20);
    expect(tags.filter(({ key }) => key.startsWith("tag-"))).toHaveLength(writers * 20);
    const contended = tags.filter(({ key }) => key === "contended").map(({ value }) => Number(value));
    expect(contended).toHaveLength(1);
    expect(contended[0]).toBeLessThan(writers);
  });

  test("one param with ten values: one writer wins, the others are told so", async () => {
    const answers = await together(
      (writer) => api.post("runs/log-parameter", { run_id: run, key: "decided once", value: String(writer) }),
      1,
    );
    const lost = refusals(answers);
    expect(lost).toHaveLength(writers - 1);
    for (const { status, body } of lost) {
      expect(status).toBe(400);
      expect(body).toMatchObject({ error_code: "INVALID_PARAMETER_VALUE" });
    }
    const kept = (await api.run(run)).params.filter(({ key }) => key === "decided once");
    expect(kept).toHaveLength(1);
    expect(answers[Number(kept[0]?.value)]?.status).toBe(200);
  });

  test("one experiment name ten times: it is made once", async () => {
    const name = `made once ${process.pid} ${Date.now()}`;
    const answers = await together(() => api.post("experiments/create", { name }), 1);
    const lost = refusals(answers);
    expect(lost).toHaveLength(writers - 1);
    for (const { status, body } of lost) {
      expect(status).toBe(400);
      expect(body).toMatchObject({ error_code: "RESOURCE_ALREADY_EXISTS" });
    }
  });

  test("versions of one model: each gets a number of its own", async () => {
    const name = `versions-${process.pid}-${Date.now()}`;
    expect((await api.post("registered-models/create", { name })).status).toBe(200);
    const answers = await together(
      () => api.post("model-versions/create", { name, source: "s3://bucket/model" }),
      3,
    );
    expect(refusals(answers)).toEqual([]);
    const numbers = answers.map(({ body }) => Number(/"version":"(\d+)"/.exec(JSON.stringify(body))?.[1]));
    expect(numbers.sort((a, b) => a - b)).toEqual(
      Array.from({ length: writers * 3 }, (_, index) => index + 1),
    );
  });
});
