import { expect, test } from "vitest";
import { openAnswerSpans, parseTraceparent } from "./answer-spans.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

test("a W3C traceparent is read; anything else is none", () => {
  expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual({ traceId: trace, spanId: span, traceFlags: 1 });
  expect(parseTraceparent(`cc-${trace}-${span}-00`)).toMatchObject({ traceFlags: 0 });
  for (const wrong of [
    null,
    "",
    "x",
    `ff-${trace}-${span}-01`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-${"x".repeat(10_000)}`,
  ])
    expect(parseTraceparent(wrong)).toBeNull();
});

test("without an endpoint there are no spans", async () => {
  await using spans = await openAnswerSpans(null, "1");
  expect(spans.start).toBeNull();
});
