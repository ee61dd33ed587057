import fc from "fast-check";
import { expect, it } from "vitest";
import { sumCosts, sumTokens, type SpanAmounts } from "./usage.ts";

function span(
  spanId: string,
  parentSpanId: string | null,
  amounts: Record<string, number> | null,
): SpanAmounts {
  return { spanId, parentSpanId, amounts };
}

it("counts a span for everything below it, once", () => {
  const usage = (count: number) => ({ input_tokens: count, output_tokens: 1, total_tokens: count + 1 });
  const spans = [
    span("root", null, null),
    span("agent", "root", usage(10)),
    span("step", "agent", null),
    span("call", "step", usage(10)),
    span("other", "root", { ...usage(3), cache_read_input_tokens: 2 }),
    span("stray", "unknown", { input_tokens: 1 }),
  ];
  expect(sumTokens(spans)).toEqual({
    input_tokens: 14,
    output_tokens: 2,
    total_tokens: 15,
    cache_read_input_tokens: 2,
  });
  expect(sumTokens([span("a", null, null)])).toBeNull();
  expect(sumCosts([span("a", null, { total_cost: 0.5 })])).toEqual({
    input_cost: 0,
    output_cost: 0,
    total_cost: 0.5,
  });
});

it("agrees with walking up from every span, whatever the parents are", () => {
  const spans = fc.array(
    fc.record({
      parent: fc.option(fc.nat({ max: 9 }), { nil: null }),
      tokens: fc.option(fc.nat({ max: 9 }), { nil: null }),
    }),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(spans, (given) => {
      const list = given.map(({ parent, tokens }, index) =>
        span(
          String(index),
          parent === null ? null : String(parent),
          tokens === null ? null : { input_tokens: tokens },
        ),
      );
      let expected: number | undefined;
      for (const one of list) {
        if (one.amounts === null) continue;
        let ancestor = list.find(({ spanId }) => spanId === one.parentSpanId);
        let reported = false;
        for (const seen = new Set([one]); ancestor !== undefined && !seen.has(ancestor);) {
          reported ||= ancestor.amounts !== null;
          seen.add(ancestor);
          const { parentSpanId } = ancestor;
          ancestor = list.find(({ spanId }) => spanId === parentSpanId);
        }
        if (!reported) expected = (expected ?? 0) + (one.amounts["input_tokens"] ?? 0);
      }
      // Spans that are each other's ancestors have no first one; there is no right sum then.
      fc.pre(!hasRing(list));
      expect(sumTokens(list)?.input_tokens).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

it("ends where parents go round in a ring, and at any depth", () => {
  expect(sumTokens([span("a", "b", null), span("b", "a", { input_tokens: 1 })])?.input_tokens).toBe(1);
  const deep = Array.from({ length: 20_000 }, (_, index) =>
    span(
      String(index),
      index === 0 ? null : String(index - 1),
      index % 5000 === 4999 ? { input_tokens: 1 } : null,
    ),
  );
  expect(sumTokens(deep.toReversed())?.input_tokens).toBe(1);
});

function hasRing(spans: readonly SpanAmounts[]): boolean {
  return spans.some((one) => {
    let current: SpanAmounts | undefined = one;
    for (let steps = 0; steps <= spans.length; steps++) {
      const parent: string | null = current.parentSpanId;
      current = spans.find(({ spanId }) => spanId === parent);
      if (current === undefined) return false;
    }
    return true;
  });
}
