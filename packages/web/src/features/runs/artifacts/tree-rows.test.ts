import type { Artifact } from "@hearth/wire/hub/artifacts";
import { expect, test } from "vitest";
import { shownName } from "./shown-name.ts";
import { foldersAbove, treeRows } from "./tree-rows.ts";

const entry = (name: string, size: number | null = null): Artifact => ({
  name,
  kind: size === null ? "folder" : "file",
  size,
  modified_at: "2026-01-01T00:00:00.000Z",
});

test("only what is in open folders has lines, and a long folder ends in one for the rest", () => {
  const folders = new Map([
    ["", { items: [entry("a"), entry("b"), entry("c.txt", 3)], total: 3 }],
    ["a", { items: [entry("x.txt", 1)], total: 5 }],
    ["b", { items: [entry("hidden", 1)], total: 1 }],
  ]);
  const rows = treeRows(folders, new Set(["a", "not there"]));
  expect(
    rows.map(({ kind, path, depth, position, siblings }) => [kind, path, depth, position, siblings]),
  ).toEqual([
    ["folder", "a", 0, 1, 3],
    ["file", "a/x.txt", 1, 1, 2],
    ["more", "a", 1, 2, 2],
    ["folder", "b", 0, 2, 3],
    ["file", "c.txt", 0, 3, 3],
  ]);
  expect(rows[0]).toMatchObject({ open: true });
  expect(rows[3]).toMatchObject({ open: false });
});

test("an open folder that has not come yet, and a tree with nothing", () => {
  expect(treeRows(new Map([["", { items: [entry("a")], total: 1 }]]), new Set(["a"]))).toHaveLength(1);
  expect(treeRows(new Map(), new Set())).toEqual([]);
});

test("the folders above a path", () => {
  expect(foldersAbove("a/b/c")).toEqual(["a", "a/b"]);
  expect(foldersAbove("a")).toEqual([]);
});

test("a name shows what is not seen in it", () => {
  expect(shownName("invoice\u202Efdp.exe")).toBe("invoice⟨U+202E⟩fdp.exe");
  expect(shownName("größe ✓ 名.txt")).toBe("größe ✓ 名.txt");
});
