import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

const run = promisify(execFile);
const checkout = fileURLToPath(new URL("..", import.meta.url));

const manifest = z.object({
  scripts: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
  overrides: z.record(z.string(), z.string()),
});
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      hasInstallScript: z.boolean().optional(),
      version: z.string().optional(),
      os: z.array(z.string()).optional(),
    }),
  ),
});

async function readJson<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T>> {
  return schema.parse(JSON.parse(await readFile(join(checkout, file), "utf8")));
}

describe("a machine that cannot be set up is told in one sentence", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hearth-setup-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A stand-in for the machine's `node`, which only has to say what it is. */
  async function machineWith(version: string, platform: string): Promise<string> {
    const node = join(folder, "node");
    await writeFile(
      node,
      `#!/bin/sh
case "$*" in
  -v) echo "v${version}" ;;
  *platform*) echo "${platform}" ;;
  *) echo "${version.split(".")[0]}" ;;
esac
`,
    );
    await chmod(node, 0o755);
    await writeFile(join(folder, "npm"), "#!/bin/sh\n");
    await chmod(join(folder, "npm"), 0o755);
    return folder;
  }

  const check = (path: string) =>
    run("/bin/sh", ["infra/check-machine.sh"], { cwd: checkout, env: { PATH: path } }).then(
      () => ({ code: 0, words: "" }),
      (error: { code: number; stderr: string }) => ({ code: error.code, words: error.stderr.trim() }),
    );

  test("this one is fine", async () =>
    expect(await check(process.env["PATH"] ?? "")).toEqual({ code: 0, words: "" }));

  test("no Node at all", async () => {
    const { code, words } = await check("/nowhere");
    expect(code).toBe(1);
    expect(words).toMatch(/^Hearth needs Node 20 or newer .*: install it/);
    expect(words).not.toContain("\n");
  });

  test("Node too old", async () => {
    const { code, words } = await check(await machineWith("18.19.0", "linux-x64"));
    expect(code).toBe(1);
    expect(words).toMatch(/this is v18\.19\.0: update Node\.$/);
    expect(words).not.toContain("\n");
  });

  test("a platform without native libraries", async () => {
    const { code, words } = await check(await machineWith("22.1.0", "freebsd-x64"));
    expect(code).toBe(1);
    expect(words).toContain("freebsd-x64");
    expect(words).not.toContain("\n");
  });
});

describe("make help", () => {
  test("has one line for each target that a person calls", async () => {
    const { stdout } = await run("make", ["help"], { cwd: checkout });
    const listed = stdout.split("\n").flatMap((line) => /^ {2}make ([a-z-]+) +\S/.exec(line)?.[1] ?? []);
    const phony =
      /^\.PHONY: (.*)$/m.exec(await readFile(join(checkout, "Makefile"), "utf8"))?.[1]?.split(" ") ?? [];
    expect(listed.toSorted()).toEqual(phony.toSorted());
    for (const target of [
      "start",
      "dev",
      "demo",
      "train",
      "test",
      "bench",
      "lint",
      "format",
      "type-check",
      "status",
      "logs",
      "ember",
      "clean",
    ])
      expect(listed).toContain(target);
  });
});

describe("what npm installs", () => {
  test("every install script is decided on in allowScripts", async () => {
    const { allowScripts } = await readJson("package.json", manifest);
    const { packages } = await readJson("package-lock.json", lockFile);
    const scripted = Object.entries(packages)
      .filter(([path, { hasInstallScript }]) => hasInstallScript === true && path.startsWith("node_modules/"))
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(scripted.length).toBeGreaterThan(0);
    expect(scripted.filter((name) => !(name in allowScripts))).toEqual([]);
    expect(allowScripts["node"]).toBe(true);
  });

  test("no GPU variant is in it, and every platform's plain engine is", async () => {
    const { packages } = await readJson("package-lock.json", lockFile);
    const { overrides } = await readJson("package.json", manifest);
    const engines = Object.keys(packages).filter((path) => path.startsWith("node_modules/@node-llama-cpp/"));
    for (const plain of ["mac-arm64-metal", "mac-x64", "linux-x64", "linux-arm64", "win-x64"])
      expect(engines).toContain(`node_modules/@node-llama-cpp/${plain}`);
    for (const name of engines.filter((path) => /cuda|vulkan/.test(path)))
      expect(overrides[name.replace("node_modules/", "")]).toBe("file:infra/absent-native");
  });
});
