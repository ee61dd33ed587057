import { expect, test } from "vitest";
import { normalise } from "./normalise.ts";

const run = "0123456789abcdef0123456789abcdef";
const kept = new Map([
  ["exp", "1"],
  ["run", run],
]);

test("kept ids become their names, where they are ids", () => {
  const answer = {
    info: { experiment_id: "1", run_id: run, artifact_uri: `mlflow-artifacts:/1/${run}/artifacts` },
    data: { params: [{ key: "a", value: "1" }] },
  };
  expect(normalise(answer, kept)).toEqual({
    info: {
      experiment_id: "<exp>",
      run_id: "<run>",
      artifact_uri: "mlflow-artifacts:/<exp>/<run>/artifacts",
    },
    data: { params: [{ key: "a", value: "1" }] },
  });
});

test("times, generated names, other ids and page tokens lose their values, and other values keep them", () => {
  const answer = {
    creation_time: 1_795_244_290_271,
    start_time: 1000,
    start_time_unix_nano: 1_795_244_290_271_000_000,
    request_time: "2026-11-21T06:58:10.271Z",
    run_name: "funny-owl-375",
    model_id: `m-${"f".repeat(32)}`,
    next_page_token: "eyJvZmZzZXQiOiAyfQ==",
    value: 1.7976931348623157e308,
  };
  expect(normalise(answer, kept)).toEqual({
    creation_time: "<time>",
    start_time: 1000,
    start_time_unix_nano: "<time>",
    request_time: "<time>",
    run_name: "<generated name>",
    model_id: "m-<hex>",
    next_page_token: "<token>",
    value: 1.7976931348623157e308,
  });
});

test("keyed lists are sorted, histories are not", () => {
  const answer = {
    tags: [
      { key: "b", value: "1" },
      { key: "a", value: "2" },
    ],
    history: [
      { key: "m", step: 2 },
      { key: "m", step: 1 },
    ],
  };
  expect(normalise(answer, kept)).toEqual({
    tags: [
      { key: "a", value: "2" },
      { key: "b", value: "1" },
    ],
    history: [
      { key: "m", step: 2 },
      { key: "m", step: 1 },
    ],
  });
});

test("of loose values only the type stays", () => {
  expect(normalise({ a: { value: "x" }, b: 5 }, kept, new Set(["value", "b"]))).toEqual({
    a: { value: "<string>" },
    b: "<number>",
  });
});
