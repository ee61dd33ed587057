import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isInside, resolveInside } from "./paths.ts";

let base = "";
let allowed = "";
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "hearth-paths-")));
  allowed = join(base, "allowed");
  await mkdir(join(allowed, "inner"), { recursive: true });
  await mkdir(join(base, "allowed-not"));
  await writeFile(join(allowed, "inner", "a.jsonl"), "a");
  await writeFile(join(base, "secret"), "s");
  await writeFile(join(base, "allowed-not", "b"), "b");
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

describe("resolveInside", () => {
  it("gives the real path of what lies in an allowed folder", async () => {
    expect(await resolveInside(join(allowed, "inner", "..", "inner", "a.jsonl"), [allowed])).toBe(
      join(allowed, "inner", "a.jsonl"),
    );
    expect(await resolveInside(allowed, [allowed])).toBe(allowed);
    await symlink(join(allowed, "inner"), join(allowed, "link"));
    expect(await resolveInside(join(allowed, "link", "a.jsonl"), [allowed])).toBe(
      join(allowed, "inner", "a.jsonl"),
    );
  });

  it("accepts an allowed folder that is a link itself", async () => {
    await symlink(allowed, join(base, "alias"));
    expect(await resolveInside(join(base, "alias", "inner"), [join(base, "alias")])).toBe(
      join(allowed, "inner"),
    );
  });

  it.each([
    ["a path outside", () => join(base, "secret")],
    ["a way up", () => join(allowed, "..", "secret")],
    ["a sibling with the same beginning", () => join(base, "allowed-not", "b")],
    ["a NUL", () => join(allowed, "inner\0")],
    ["nothing", () => ""],
    ["something missing outside", () => join(base, "missing")],
  ])("refuses %s", async (_, path) => {
    await expect(resolveInside(path(), [allowed])).rejects.toMatchObject({ code: "path_not_allowed" });
  });

  it("refuses links that lead out, of a file and of a folder on the way", async () => {
    await symlink(join(base, "secret"), join(allowed, "file"));
    await symlink(base, join(allowed, "folder"));
    await symlink(join(base, "missing"), join(allowed, "dangling"));
    for (const path of ["file", "folder/secret", "folder/missing", "folder/missing/deeper", "dangling"]) {
      await expect(resolveInside(join(allowed, path), [allowed]), path).rejects.toMatchObject({
        code: "path_not_allowed",
      });
    }
  });

  it("says that something is missing inside", async () => {
    for (const path of ["missing.jsonl", "missing/deeper", "inner/a.jsonl/below"]) {
      await expect(resolveInside(join(allowed, path), [allowed]), path).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });

  it("allows nothing without folders", async () => {
    await expect(resolveInside(allowed, [])).rejects.toMatchObject({ code: "path_not_allowed" });
  });
});

it("knows what is inside by names, not by letters", () => {
  expect(isInside("/a/b", "/a")).toBe(true);
  expect(isInside("/a/..b", "/a")).toBe(true);
  expect(isInside("/ab", "/a")).toBe(false);
  expect(isInside("/", "/a")).toBe(false);
});
