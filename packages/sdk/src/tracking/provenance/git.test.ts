import { afterAll, beforeAll, expect, test } from "vitest";
import { node } from "../platform/node.ts";
import { readGit, withoutCredentials } from "./git.ts";
import { readLockFile } from "./lock-file.ts";

let folder = "";
const modules = node();
if (modules === null) throw new Error("these tests run in Node");
const { mkdtemp, rm, writeFile } = modules.fs.promises;
const join = (...parts: string[]) => modules.path.join(...parts);
const git = (...args: string[]) =>
  modules.childProcess.execFileSync(
    "git",
    ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args],
    {
      encoding: "utf8",
    },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(modules.os.tmpdir(), "hearth-git-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("commit, branch, changes and remote of a repository", async () => {
  expect(await readGit(modules, folder)).toBeNull();
  git("init", "-q", "-b", "topic");
  await writeFile(join(folder, "file"), "one");
  git("add", "file");
  git("commit", "-q", "-m", "first");
  const commit = git("rev-parse", "HEAD").trim();
  expect(await readGit(modules, folder)).toEqual({ commit, branch: "topic", dirty: false, remote: null });
  git("remote", "add", "origin", "https://ann:secret@example.org/a/b.git");
  await writeFile(join(folder, "file"), "two");
  git("checkout", "-q", "--detach");
  expect(await readGit(modules, folder)).toEqual({
    commit,
    branch: null,
    dirty: true,
    remote: "https://example.org/a/b.git",
  });
});

test("the nearest lock file upwards", async () => {
  await writeFile(join(folder, "yarn.lock"), "abc");
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const below = await mkdtemp(join(folder, "below-"));
  expect(await readLockFile(modules, below)).toEqual({ name: "yarn.lock", sha256 });
  await writeFile(join(below, "package-lock.json"), "{}");
  expect((await readLockFile(modules, below))?.name).toBe("package-lock.json");
});

test.each([
  ["https://user:password@host/path", "https://host/path"],
  ["https://token@host:8443/path?access=1#x", "https://host:8443/path"],
  ["https://a@b:c@host/path", "https://host/path"],
  ["ssh://git@host/path", "ssh://host/path"],
  ["git@host:path.git", "git@host:path.git"],
  ["user:password@host:path.git", "host:path.git"],
  ["../other", "../other"],
])("%s is recorded as %s", (remote, recorded) => {
  expect(withoutCredentials(remote)).toBe(recorded);
});
