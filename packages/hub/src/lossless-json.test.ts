import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exactDouble,
  exactInteger,
  isInteger,
  parseLargeIntegersAsText,
  parseLossless,
  spacedJson,
} from "./lossless-json.ts";

describe("JSON with exact numbers", () => {
  it("writes every number as it was read", () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }).map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(exactDouble(value))),
      fc.constantFrom("1.0", "-0.0", "1e3", "1E+2", "0.10", "12345678901234567890.5"),
    );
    const document = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        number,
        fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
        fc.constantFrom("true", "null"),
        fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
        fc
          .array(tie("value"), { maxLength: 4 })
          .map((items) => `{${items.map((item, index) => `"k${index}":${item}`).join(",")}}`),
      ),
    })).value;
    fc.assert(
      fc.property(document, (text) => {
        const plain = (value: string) =>
          value.replaceAll("0.10", "0.1").replaceAll("12345678901234567890.5", "12345678901234567000");
        // Fractions are doubles in any case: they keep their value, not their spelling.
        expect(plain(JSON.stringify(parseLossless(text)))).toBe(plain(text));
      }),
      { numRuns: 500 },
    );
  });

  it("tells integers from doubles", () => {
    expect([exactInteger(2n ** 60n), exactInteger(5n), 1].map(isInteger)).toEqual([true, true, true]);
    expect([exactDouble(1), exactDouble(0.5), exactDouble(1e21), exactDouble(-0)].map(isInteger)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(JSON.stringify(parseLossless("1.0"))).toBe("1.0");
  });

  it("reads large integers as texts, and leaves texts as they are", () => {
    const text = String.raw`{"a":1234567890123456789,"b":[-1234567890123456],"c":"\\\": 1234567890123456789,","d":1234567890123456.5}`;
    expect(parseLargeIntegersAsText(text)).toEqual({
      a: "1234567890123456789",
      b: ["-1234567890123456"],
      c: '\\": 1234567890123456789,',
      d: 1234567890123456.5,
    });
    expect(() => parseLargeIntegersAsText('[1234567890123456,"')).toThrow(SyntaxError);
  });

  it("is laid out as Python does", () => {
    const value = { a: [1, "x", null], b: {}, c: [], d: exactDouble(1), e: undefined };
    expect(spacedJson(value)).toBe('{"a": [1, "x", null], "b": {}, "c": [], "d": 1.0, "e": null}');
  });
});
