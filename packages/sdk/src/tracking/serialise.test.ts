import fc from "fast-check";
import { expect, test } from "vitest";
import { isSecret, redacted, serialise } from "./serialise.ts";

class Model {
  layers = 2;
  get weights(): never {
    throw new Error("a getter was run");
  }
  toJSON(): never {
    throw new Error("toJSON was run");
  }
}

test("anything becomes JSON, within its bounds, without a throw", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withNullPrototype: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      const text = JSON.stringify(serialise(value, { maxTotal: 1000 }));
      expect(text.length).toBeLessThan(12_000);
      expect(JSON.parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("plain values stay as they are", () => {
  const value = { a: 1, b: [true, null, "x"], c: { d: 0.5 } };
  expect(JSON.parse(JSON.stringify(serialise(value)))).toEqual(value);
});

test("what JSON has no word for is named", () => {
  expect(serialise(12n)).toBe("12n");
  expect(serialise(NaN)).toBe("NaN");
  expect(serialise(undefined)).toBe("[undefined]");
  expect(serialise(function fit() {})).toBe("[function fit]");
  expect(serialise(Symbol("s"))).toBe("[Symbol(s)]");
  expect(serialise(new Date(0))).toBe("1970-01-01T00:00:00.000Z");
  expect(serialise(new Uint8Array(9))).toBe("[9 bytes]");
  expect(serialise(Promise.resolve())).toBe("[Promise]");
});

test("instances show their class and fields; none of their code runs", () => {
  expect(serialise(new Model())).toEqual({ "[class]": "Model", layers: 2 });
  expect(serialise(new Map([["a", 1]]))).toEqual({ "[class]": "Map", a: 1 });
  expect(serialise(new Set([1, 2]))).toEqual({ "[class]": "Set", items: [1, 2] });
  expect(serialise(new Float32Array([1, 2]))).toEqual({ "[class]": "Float32Array", items: [1, 2] });
  expect(serialise(new RangeError("too far"))).toMatchObject({ "[class]": "RangeError", message: "too far" });
});

test("cycles are named; the same object twice is shown twice", () => {
  const node: Record<string, unknown> = { name: "a" };
  node["self"] = node;
  node["list"] = [node];
  expect(serialise(node)).toEqual({ name: "a", self: "[circular]", list: ["[circular]"] });
  const shared = { x: 1 };
  expect(serialise([shared, shared])).toEqual([{ x: 1 }, { x: 1 }]);
});

test("long things are cut and say by how much", () => {
  expect(serialise(Array.from({ length: 1_000_000 }, () => 1))).toHaveLength(101);
  expect(serialise([1, 2, 3], { maxItems: 2 })).toEqual([1, 2, "[1 more]"]);
  expect(serialise("x".repeat(3000))).toBe(`${"x".repeat(2000)}… [1000 more characters]`);
  expect(serialise({ a: { b: { c: 1 } } }, { maxDepth: 2 })).toEqual({ a: { b: "[Object]" } });
});

test("hostile objects cannot disturb", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(serialise({ proxy })).toEqual({ proxy: "[unreadable]" });
  const written = serialise(JSON.parse('{"__proto__": {"admin": true}}')) as { admin?: unknown };
  expect(written.admin).toBeUndefined();
});

test("secrets are left out by name", () => {
  for (const name of [
    "apiKey",
    "OPENAI_API_KEY",
    "password",
    "dbPassword",
    "accessToken",
    "Authorization",
    "token",
  ]) {
    expect(isSecret(name), name).toBe(true);
  }
  for (const name of ["max_tokens", "tokenizer", "pad_token", "secretary", "key"]) {
    expect(isSecret(name), name).toBe(false);
  }
  const value = { user: "ann", password: "p", nested: [{ ssn: "1" }], map: new Map([["apiKey", "k"]]) };
  const text = JSON.stringify(serialise(value, { redact: [/^ssn$/g] }));
  expect(JSON.parse(text)).toEqual({
    user: "ann",
    password: redacted,
    nested: [{ ssn: redacted }],
    map: { "[class]": "Map", apiKey: redacted },
  });
});
