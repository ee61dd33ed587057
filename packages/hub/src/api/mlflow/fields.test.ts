import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HearthError } from "../../errors.ts";
import { bool, double, enumOf, int32, int64, json, list, map, message, readQuery, text } from "./fields.ts";

const fields = {
  run_id: text().required(),
  step: int64(),
  count: int32().or(7),
  value: double(),
  deep: bool(),
  kind: enumOf(["A", "B"]),
  tags: list(message({ key: text(), value: text() }).required()),
  more: map(json()),
};
const request = message(fields).required();

describe("requests in protobuf's JSON form", () => {
  it("fills in what is not set and passes over what it does not know", () => {
    expect(request.read({ run_id: "r", unknown: 1, step: null }, "")).toEqual({
      run_id: "r",
      step: undefined,
      count: 7,
      value: undefined,
      deep: undefined,
      kind: undefined,
      tags: [],
      more: undefined,
    });
  });

  it("takes numbers as text, the words for what JSON cannot write, and camelCase names", () => {
    const read = request.read({ runId: "r", step: "-12", value: "NaN", count: 3, more: { a: [1] } }, "");
    expect(read).toMatchObject({ run_id: "r", step: -12, value: Number.NaN, count: 3 });
    expect(read.more).toEqual(new Map([["a", [1]]]));
    expect(request.read({ run_id: "r", value: "-Infinity" }, "").value).toBe(-Infinity);
  });

  it("names the wrong field in the words that MLflow's clients know", () => {
    expect(() => request.read({}, "")).toThrow(
      "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
    );
    expect(() => request.read({ run_id: 5 }, "")).toThrow("Invalid value 5 for parameter 'run_id' supplied");
    expect(() => request.read({ run_id: "r", tags: [{ key: 1 }] }, "")).toThrow("parameter 'tags[0].key'");
    expect(() => request.read({ run_id: "r", step: 2 ** 53 }, "")).toThrow("parameter 'step'");
    expect(() => request.read({ run_id: "r", count: 2 ** 31 }, "")).toThrow("parameter 'count'");
    expect(() => request.read({ run_id: "r", kind: "C" }, "")).toThrow("parameter 'kind'");
  });

  it("reads repeated keys of a query as lists, and the last one otherwise", () => {
    const query = new URLSearchParams("ids=1&ids=2&deep=True&run_id=a&run_id=b&step=5");
    const read = readQuery(
      { ids: list(text()), run_id: text().required(), deep: bool(), step: int64() },
      query,
    );
    expect(read).toEqual({ ids: ["1", "2"], run_id: "b", deep: true, step: 5 });
  });

  it("refuses whatever else comes, as the sender's mistake", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          request.read(value, "");
        } catch (error) {
          expect(error).toBeInstanceOf(HearthError);
          expect(error).toMatchObject({ code: "invalid_request" });
        }
      }),
    );
  });
});
