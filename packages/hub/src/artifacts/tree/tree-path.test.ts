import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { treePathOf, inTree } from "../location.ts";
import { treePath } from "./tree-path.ts";

const refused = [
  "..",
  "../x",
  "a/../b",
  "a/..",
  "%2e%2e/x",
  "a/%2E%2e/b",
  "a%2f..%2fb",
  "%252e%252e/x",
  "%25252e%25252e%25252fx",
  "a/..%5cb",
  String.raw`a\b`,
  "a%5Cb",
  "a\0b",
  "a%00b",
  "/etc/passwd",
  "%2Fetc/passwd",
  "C:/x",
  "c%3A%2Fx",
  "file:/etc/passwd",
  "file:///etc/passwd",
  "a#b",
  "a\nb",
  "n".repeat(256),
];

describe("paths of the artifact tree", () => {
  it.each(refused)("refuses %j", (path) => {
    expect(() => treePath(path)).toThrow("Invalid path");
    expect(() => inTree("mlflow-artifacts:/1/run/artifacts", path)).toThrow("Invalid path");
  });

  it("keeps names as they are", () => {
    expect(treePath("1/run/artifacts/naïve file 100%.txt")).toEqual([
      "1",
      "run",
      "artifacts",
      "naïve file 100%.txt",
    ]);
    expect(treePath("a%20b/..c/d..")).toEqual(["a%20b", "..c", "d.."]);
    expect(treePath("./a//b/")).toEqual(["a", "b"]);
    expect(treePath("")).toEqual([]);
  });

  it("gives only plain names, or refuses", () => {
    const piece = fc.constantFrom(
      "..",
      ".",
      "/",
      "%2e",
      "%2f",
      "%25",
      "%5c",
      "\\",
      "a",
      "é",
      "%",
      "C:",
      "\0",
      "2e",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let names: string[];
        try {
          names = treePath(pieces.join(""));
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request" });
          return;
        }
        for (const name of names) {
          expect(["", ".", ".."]).not.toContain(name);
          expect(name).not.toMatch(/[/\\\0]/);
          expect(decodedBytes(name)).not.toBe("..");
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("places of artifacts", () => {
  it.each([
    ["mlflow-artifacts:/1/run/artifacts", "1/run/artifacts"],
    ["mlflow-artifacts://host:5000/1/run/artifacts/", "1/run/artifacts"],
    ["http://host:5000/api/2.0/mlflow-artifacts/artifacts/1/run", "1/run"],
    ["https://host/prefix/api/2.0/mlflow-artifacts/artifacts/1?x=y", "1"],
    ["s3://bucket/1", null],
    ["file:///tmp/x", null],
    ["/tmp/x", null],
    ["http://host/elsewhere", null],
  ])("%s is %s in the tree", (uri, path) => {
    expect(treePathOf(uri)).toBe(path);
  });

  it("joins a path, and says when the hub does not keep the files", () => {
    expect(inTree("mlflow-artifacts:/1/r/artifacts", "a/b")).toBe("1/r/artifacts/a/b");
    expect(inTree("mlflow-artifacts:/1/r/artifacts", undefined)).toBe("1/r/artifacts");
    expect(() => inTree("s3://bucket/x", "a")).toThrow("not served by this hub");
  });
});

/** With every escape as the byte that it stands for. */
function decodedBytes(name: string): string {
  return name.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
