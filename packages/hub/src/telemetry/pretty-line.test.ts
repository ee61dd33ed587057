import fc from "fast-check";
import { expect, test } from "vitest";
import { prettyLine } from "./pretty-line.ts";

test("time, level, message, fields", () => {
  const line = prettyLine(
    JSON.stringify({
      time: 0,
      level: 30,
      msg: "ready",
      url: "http://x",
      count: 3,
      err: { message: "it broke", stack: "…" },
    }),
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d info {2}ready url=http:\/\/x count=3 err="it broke"\n$/);
});

test("whatever is logged, it is one line without control characters", () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.constantFrom("a", "b"), fc.jsonValue()), (msg, fields) => {
      const line = prettyLine(JSON.stringify({ ...fields, time: 0, level: 40, msg }));
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(line.endsWith("\n")).toBe(true);
    }),
  );
});

test("what is no JSON passes as it is", () => {
  expect(prettyLine("plain\n")).toBe("plain\n");
});
