import { describe, expect, it } from "vitest";
import {
  experiments,
  loggedModels,
  modelVersions,
  registeredModels,
  resolveFilter,
  resolveOrderBy,
  runs,
  traces,
} from "./search.ts";

describe("resolveFilter", () => {
  it("makes one name of every spelling of a field", () => {
    const fields = resolveFilter(
      runs,
      "metric.a = 1 AND metrics.a = 1 AND parameters.b = 'x' AND param.b = 'x' AND run.status = 'x' " +
        "AND attr.Created > 1 AND attribute.`run name` = 'x' AND status = 'x' AND datasets.name IN ('x')",
    );
    expect(fields.map(({ kind, key, type }) => `${kind} ${key} ${type}`)).toEqual([
      "metric a number",
      "metric a number",
      "param b text",
      "param b text",
      "attribute status text",
      "attribute start_time integer",
      "attribute run_name text",
      "attribute status text",
      "dataset name text",
    ]);
  });

  it.each([
    [runs, "metrics.a = 'x'", /Expected numeric value type for metric .* Found 'x'/],
    [runs, "metrics.a LIKE 'x'", /Invalid comparator 'LIKE' for metric 'a'/],
    [runs, "params.a = 1", /Expected a quoted string value for param .*\(e\.g\. 'my-value'\)\. Found 1/],
    [runs, "params.a > '1'", /Invalid comparator '>'/],
    [runs, "params.a = ('x')", /Expected a quoted string value .* a list of 1 values/],
    [
      runs,
      "nothing.a = 1",
      /Invalid entity type 'nothing'\. Valid values are attribute, metric, param, tag, dataset/,
    ],
    [runs, "acc = 1", /Invalid attribute key 'acc' specified for runs\. Valid keys are run_id/],
    [runs, "constructor = 'x'", /Invalid attribute key 'constructor'/],
    [runs, "tags.__proto__ = 1", /Expected a quoted string value/],
    [runs, "metrics.`` = 1", /Invalid metric key: it is empty/],
    [runs, "start_time > 'x'", /Expected numeric value type for attribute/],
    [
      runs,
      "metrics.a IS NULL",
      /IS NULL \/ IS NOT NULL is only supported for params and tags, not for metric 'a'/,
    ],
    [runs, "run_id IN 'x'", /expected|list/],
    [runs, "datasets.size = 'x'", /Invalid dataset key 'size'/],
    [experiments, "experiment_id LIKE '1%'", /Invalid comparator 'LIKE'/],
    [experiments, "metrics.a = 1", /Invalid entity type 'metrics'/],
    [registeredModels, "creation_timestamp > 1", /Invalid attribute key 'creation_timestamp' specified/],
    [modelVersions, "version_number = 'one'", /Expected numeric value type/],
    [
      traces,
      "feedback.a > 'x'",
      /Expected a numeric value for feedback feedback\.a when using comparator '>'/,
    ],
    [traces, "feedback.a = 1", /Expected a quoted string value for feedback/],
    [traces, "span.nothing = 'x'", /Invalid span key 'nothing'.* attributes\.<name>/],
    [traces, "span.`attributes.` = 'x'", /Invalid span key/],
    [traces, "tags.a RLIKE '('", /Invalid regular expression/],
    [traces, "prompt != 'a/1'", /Invalid comparator '!='/],
  ])("refuses for %o: %s", (entity, filter, message) => {
    expect(() => resolveFilter(entity, filter)).toThrow(message);
  });

  it("reads quoted numbers where they are allowed", () => {
    expect(resolveFilter(modelVersions, "version_number = '3'")[0]?.test).toEqual({
      comparator: "=",
      value: 3,
    });
    expect(resolveFilter(traces, "trace.timestamp > '17'")[0]).toMatchObject({
      key: "timestamp_ms",
      test: { value: 17 },
    });
  });

  it("hides prompts among the models unless the filter speaks of them", () => {
    const hidden = {
      kind: "tag",
      key: "mlflow.prompt.is_prompt",
      test: { comparator: "!=", value: "true" },
      absent: "false",
    };
    expect(resolveFilter(registeredModels, "")).toMatchObject([hidden]);
    expect(resolveFilter(modelVersions, "name = 'a'")).toMatchObject([{ key: "name" }, hidden]);
    expect(resolveFilter(registeredModels, "tags.`mlflow.prompt.is_prompt` = 'true'")).toMatchObject([
      { test: { comparator: "=", value: "true" }, absent: "false" },
    ]);
  });
});

describe("resolveOrderBy", () => {
  it("reads fields and directions", () => {
    expect(resolveOrderBy(runs, ["metrics.a DESC", "Created"])).toEqual([
      { kind: "metric", key: "a", type: "number", ascending: false },
      { kind: "attribute", key: "start_time", type: "integer", ascending: true },
    ]);
    expect(resolveOrderBy(registeredModels, ["timestamp"])[0]?.key).toBe("last_updated_timestamp");
  });

  it.each([
    [runs, ["created", "start_time DESC"], /order_by contains duplicate fields: start_time/],
    [runs, ["datasets.name"], /Invalid order_by entity/],
    [experiments, ["tags.a"], /Invalid order_by entity/],
    [loggedModels, ["nothing"], /Invalid attribute key 'nothing' specified for logged models/],
  ])("refuses for %o: %j", (entity, orders, message) => {
    expect(() => resolveOrderBy(entity, orders)).toThrow(message);
  });
});
