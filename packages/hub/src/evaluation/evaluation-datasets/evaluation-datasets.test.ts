import { expect, it } from "vitest";
import { parseLossless } from "../../lossless-json.ts";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { addExperiment } from "../../storage/tests/samples.ts";
import { createEvaluationDatasets, type EvaluationRecord } from "./evaluation-datasets.ts";

const all = { experimentIds: [], filter: "", orderBy: [], limit: 100, offset: 0 };

describeEachDatabase("evaluation datasets", (open) => {
  const setUp = () => {
    let time = 1000;
    return createEvaluationDatasets(open().database, () => (time += 1));
  };
  const make = async (
    datasets: ReturnType<typeof setUp>,
    name: string,
    tags: Record<string, string> = {},
    experimentIds: string[] = [],
  ) => await datasets.create({ name, experimentIds, tags: new Map(Object.entries(tags)) });

  it("keep one record for the same inputs, and what later ones add to it", async () => {
    const datasets = setUp();
    const { id, digest } = await make(datasets, "questions", { "mlflow.user": "ada" });
    const first = await datasets.upsertRecords(id, [
      { inputs: { a: 1, b: { c: [1, 2] } }, expectations: { x: 1 }, tags: { t: "1", "mlflow.user": "bob" } },
      { inputs: { q: "two" }, outputs: null },
      // The same as the first, its keys in another order.
      { inputs: { b: { c: [1, 2] }, a: 1 }, expectations: { y: 2 }, outputs: "plain" },
    ]);
    expect(first).toEqual({ inserted: 2, updated: 1 });
    const again = await datasets.upsertRecords(id, [{ inputs: { q: "two" }, tags: { t: "2" } }]);
    expect(again).toEqual({ inserted: 0, updated: 1 });
    const records = await datasets.records(id, { limit: 10, after: null });
    const byInputs = new Map(records.map((record) => [record.inputs, record]));
    expect(byInputs.get('{"a": 1, "b": {"c": [1, 2]}}')).toMatchObject({
      outputs: '"plain"',
      expectations: '{"x": 1, "y": 2}',
      tags: '{"t": "1", "mlflow.user": "bob"}',
      created_by: "bob",
    });
    expect(byInputs.get('{"q": "two"}')).toMatchObject({
      outputs: null,
      expectations: null,
      tags: '{"t": "2"}',
    });
    const dataset = await datasets.get(id);
    expect(dataset).toMatchObject({ name: "questions", records: 2, createdBy: "ada" });
    expect(dataset.digest).not.toBe(digest);
    expect(JSON.parse(dataset.schema ?? "")).toEqual({
      inputs: { a: "integer", b: "object", q: "string" },
      outputs: "string",
      expectations: { x: "integer", y: "integer" },
      version: "1.0",
    });
  });

  it("lose nothing of what comes at the same time", async () => {
    const datasets = setUp();
    const { id } = await make(datasets, "busy");
    const counts = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        datasets.upsertRecords(id, [{ inputs: { q: "same" }, expectations: { [`e${n}`]: n } }]),
      ),
    );
    expect(counts.filter(({ inserted }) => inserted === 1)).toHaveLength(1);
    const [record] = await datasets.records(id, { limit: 2, after: null });
    expect(Object.keys(JSON.parse(record?.expectations ?? "{}") as object)).toHaveLength(8);
  });

  it("tell 1.0 from 1 and say where a record comes from", async () => {
    const datasets = setUp();
    const { id } = await make(datasets, "numbers");
    const source = { source_type: "trace", source_data: { trace_id: "tr-1" } };
    const records = parseLossless(
      '[{"inputs": {"n": 1}}, {"inputs": {"n": 1.0}}, {"inputs": {"n": 12345678901234567890}}]',
    );
    if (!Array.isArray(records)) throw new Error("not a list");
    await datasets.upsertRecords(id, records);
    await datasets.upsertRecords(id, [{ inputs: { from: "trace" }, source }]);
    const found = await datasets.records(id, { limit: 10, after: null });
    expect(found.map(({ inputs }) => inputs).toSorted()).toEqual([
      '{"from": "trace"}',
      '{"n": 1.0}',
      '{"n": 12345678901234567890}',
      '{"n": 1}',
    ]);
    expect(found.find(({ inputs }) => inputs.includes("trace"))).toMatchObject({
      source: '{"source_type": "TRACE", "source_data": {"trace_id": "tr-1"}}',
      source_type: "TRACE",
      source_id: "tr-1",
    });
  });

  it("refuse records that are none, and store nothing of the call", async () => {
    const datasets = setUp();
    const { id } = await make(datasets, "d");
    for (const bad of [5, null, [], { inputs: [] }, { inputs: { q: 1 }, tags: "t" }, { expectations: 3 }]) {
      await expect(datasets.upsertRecords(id, [{ inputs: { ok: 1 } }, bad])).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    expect((await datasets.get(id)).records).toBe(0);
    await expect(datasets.upsertRecords("d-none", [{ inputs: {} }])).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("give their records page by page and let go of them", async () => {
    const datasets = setUp();
    const { id } = await make(datasets, "pages");
    await datasets.upsertRecords(
      id,
      Array.from({ length: 7 }, (_, n) => ({ inputs: { n } })),
    );
    await datasets.upsertRecords(
      id,
      Array.from({ length: 4 }, (_, n) => ({ inputs: { later: n } })),
    );
    const seen: EvaluationRecord[] = [];
    for (;;) {
      const last = seen.at(-1);
      const after = last === undefined ? null : { createdAt: last.created_at, id: last.id };
      const page = await datasets.records(id, { limit: 3, after });
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(new Set(seen.map((record) => record.id)).size).toBe(11);
    expect(seen.slice(7).every(({ inputs }) => inputs.includes("later"))).toBe(true);
    const doomed = seen.slice(0, 2).map((record) => record.id);
    expect(await datasets.deleteRecords(id, [...doomed, "dr-none"])).toBe(2);
    expect((await datasets.get(id)).records).toBe(9);
    await datasets.remove(id);
    await datasets.remove(id);
    await expect(datasets.records(id, { limit: 1, after: null })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("are found by name, tag and experiment", async () => {
    const { database } = open();
    const datasets = setUp();
    const lab = await addExperiment(database.db);
    const other = await addExperiment(database.db);
    const one = await make(datasets, "one", { stage: "draft" }, [lab]);
    await make(datasets, "two", { stage: "final" });
    const names = async (search: Partial<typeof all> | { experimentIds: string[] }) =>
      (await datasets.search({ ...all, ...search })).datasets.map(({ name }) => name).join(" ");
    expect(await names({})).toBe("two one");
    expect(await names({ filter: "name LIKE 'o%'" })).toBe("one");
    expect(await names({ filter: "tags.stage = 'final'" })).toBe("two");
    expect(await names({ orderBy: ["name ASC"] as never[] })).toBe("one two");
    expect(await names({ experimentIds: [lab] })).toBe("one");
    expect((await datasets.search({ ...all, limit: 1 })).more).toBe(true);
    await expect(names({ filter: "colour = 'x'" })).rejects.toMatchObject({ code: "invalid_request" });
    await datasets.addExperiments(one.id, [lab, other]);
    expect(await datasets.experimentsOf(one.id)).toEqual([lab, other].toSorted());
    await expect(datasets.addExperiments(one.id, ["987654"])).rejects.toMatchObject({ code: "not_found" });
    await datasets.removeExperiments(one.id, [lab]);
    expect(await names({ experimentIds: [lab] })).toBe("");
    await datasets.setTags(one.id, new Map([["stage", "final"]]));
    await datasets.deleteTag(one.id, "absent");
    expect(await names({ filter: "tags.stage = 'final'" })).toBe("two one");
  });
});
