import { expect, test } from "vitest";
import { readKey } from "./key-sequence.ts";

test("g and a key soon after it are one, later they are two", () => {
  const first = readKey(null, "g", 1_000);
  expect(first).toEqual({ kind: "wait", waiting: { key: "g", at: 1_000 } });
  const waiting = first.kind === "wait" ? first.waiting : null;
  expect(readKey(waiting, "m", 2_000)).toEqual({ kind: "go", key: "m" });
  expect(readKey(waiting, "m", 3_000)).toEqual({ kind: "single", key: "m" });
  expect(readKey(waiting, "g", 3_000)).toMatchObject({ kind: "wait" });
});

test("a key by itself is itself", () => {
  expect(readKey(null, "?", 0)).toEqual({ kind: "single", key: "?" });
});
