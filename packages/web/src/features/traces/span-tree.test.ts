import type { TraceSpan } from "@hearth/wire/hub/traces";
import { expect, test } from "vitest";
import { extentMs, spanRows } from "./span-tree.ts";

function span(id: string, parent: string | null, startMs: number, endMs: number | null): TraceSpan {
  const ns = (ms: number) => String(1_795_244_381_542_735_504n + BigInt(ms) * 1_000_000n);
  return {
    span_id: id,
    parent_span_id: parent,
    name: id,
    status: "UNSET",
    status_message: "",
    start_ns: ns(startMs),
    end_ns: endMs === null ? null : ns(endMs),
    attributes: {},
    events: [],
  };
}

const shown = (spans: TraceSpan[], closed: string[] = []) =>
  spanRows(spans, new Set(closed)).map((row) => `${"-".repeat(row.depth)}${row.span.name}`);

const family = [span("a", null, 0, 10), span("b", "a", 1, 4), span("c", "b", 2, 3), span("d", "a", 5, 9)];

test("children stand below their parents, in the order of their start", () => {
  expect(shown(family)).toEqual(["a", "-b", "--c", "-d"]);
});

test("what is below a closed span is hidden", () => {
  expect(shown(family, ["b"])).toEqual(["a", "-b", "-d"]);
  expect(shown(family, ["a"])).toEqual(["a"]);
});

test("orphans are roots, and a ring is shown once", () => {
  expect(shown([span("x", "gone", 0, 1), span("y", "z", 0, 1), span("z", "y", 0, 1)])).toEqual([
    "x",
    "y",
    "-z",
  ]);
});

test("times are exact to the microsecond beyond what a number holds", () => {
  const rows = spanRows([span("a", null, 0, 10), span("b", "a", 1, null)], new Set());
  expect(rows.map((row) => [row.startMs, row.durationMs])).toEqual([
    [0, 10],
    [1, null],
  ]);
  expect(extentMs(family)).toBe(10);
});
