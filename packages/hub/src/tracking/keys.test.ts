import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HearthError } from "../errors.ts";
import { checkKey, cutText } from "./keys.ts";
import { storableText } from "../storage/storable-text.ts";

const accepted = (key: string): boolean => {
  try {
    checkKey(key, "key", "Key");
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(HearthError);
    expect(error).toMatchObject({ code: "invalid_request" });
    return false;
  }
};

describe("keys", () => {
  it("are plain paths of letters, digits and a few signs", () => {
    for (const key of ["loss", "a/b c-d.e:f", "größe", "x.y", "a..b", "__proto__", "k".repeat(250)])
      expect(accepted(key), key).toBe(true);
    for (const key of [
      "",
      "..",
      "../up",
      "..x",
      "/root",
      "a//b",
      "a/",
      "a/./b",
      "./a",
      "a/../b",
      "a\nb",
      "a'b",
      "a\0",
    ])
      expect(accepted(key), key).toBe(false);
    expect(accepted("k".repeat(251))).toBe(false);
  });

  it("never lead anywhere but below the folder they are put into", () => {
    const part = fc.constantFrom("a", ".", "..", "", "b c", "…", "..a", "\\", "%2e");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const key = parts.join("/");
        if (!accepted(key)) return;
        expect(posix.join("/folder", key)).toBe(`/folder/${key}`);
      }),
    );
  });

  it("are named in the words that MLflow's clients show", () => {
    expect(() => checkKey("a'b", "metrics[2].name", "Metric name")).toThrow(
      `Invalid value "a'b" for parameter 'metrics[2].name' supplied: Names may only contain alphanumerics`,
    );
    expect(() => checkKey("a/../b", "key", "key")).toThrow("This name would resolve to 'b'");
    expect(() => checkKey("k".repeat(251), "key", "Param key")).toThrow(
      "'Param key' exceeds the maximum length of 250 characters",
    );
  });
});

describe("texts", () => {
  it("are cut by characters and stay well-formed", () => {
    expect(cutText("a😀b", 2)).toBe("a😀");
    expect(cutText("ab", 2)).toBe("ab");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, limit) => {
        const cut = cutText(text, limit);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut).not.toContain("\0");
        expect(Array.from(cut).length).toBe(Math.min(limit, Array.from(storableText(text)).length));
        expect(storableText(text).startsWith(cut)).toBe(true);
      }),
    );
    expect(storableText("a\0\uD800b")).toBe("a\u{FFFD}\u{FFFD}b");
  });
});
