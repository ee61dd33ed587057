import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lockHome } from "../../../../process/home-lock.ts";
import { environmentsFolder, readEnvironment, recordFile } from "./environment.ts";
import { installMlx, type InstallOptions } from "./install.ts";
import { mlxDevice } from "./platform.ts";
import { findPython } from "./python.ts";

const never = new AbortController().signal;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-mlx-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const options = (more: Partial<InstallOptions> = {}): InstallOptions => ({
  home,
  version: null,
  device: "cpu",
  python: null,
  again: false,
  ...more,
});

describe("machines", () => {
  const glibc = "2.36";
  test("the device is the machine's own, or the one that is asked for", () => {
    expect(mlxDevice(null, { platform: "darwin", arch: "arm64", glibc: null })).toBe("metal");
    expect(mlxDevice(null, { platform: "linux", arch: "x64", glibc })).toBe("cpu");
    expect(mlxDevice("cuda13", { platform: "linux", arch: "arm64", glibc: "3.0" })).toBe("cuda13");
  });

  test.each([
    [null, { platform: "darwin", arch: "x64", glibc: null }, /Intel/],
    ["cpu", { platform: "darwin", arch: "arm64", glibc: null }, /Metal/],
    [null, { platform: "win32", arch: "x64", glibc: null }, /Macs with Apple silicon and on Linux/],
    [null, { platform: "linux", arch: "riscv64", glibc }, /x64 and arm64/],
    [null, { platform: "linux", arch: "x64", glibc: null }, /needs glibc/],
    [null, { platform: "linux", arch: "x64", glibc: "2.31" }, /2\.35 or newer; found 2\.31/],
    ["metal", { platform: "linux", arch: "x64", glibc }, /for Macs/],
  ] as const)("%s on %o is refused with the reason", (asked, machine, reason) => {
    expect(() => mlxDevice(asked, machine)).toThrow(reason);
    expect(() => mlxDevice(asked, machine)).toThrow(
      expect.objectContaining({ code: "platform_unsupported" }),
    );
  });
});

describe("Python", () => {
  const answering = async (name: string, answer: string): Promise<string> => {
    const path = join(home, name);
    await writeFile(path, `#!/bin/sh\necho '${answer}'\n`);
    await chmod(path, 0o755);
    return path;
  };

  test("one is found, with its version", async () => {
    expect(await findPython(null, never)).toEqual({
      path: expect.stringMatching(/^\//),
      version: expect.stringMatching(/^3\.\d+/),
    });
  });

  test.each([
    ["too old", '{"path":"/x","version":"3.8.1","minor":8,"venv":true}', /3\.8\.1 is too old/],
    ["without venv", '{"path":"/x","version":"3.12.1","minor":12,"venv":false}', /python3-venv/],
    ["no Python", "hello", /does not run \(hello\)/],
  ])("one that is %s is refused with what was found", async (_what, answer, reason) => {
    const path = await answering("python", answer);
    await expect(findPython(path, never)).rejects.toThrow(reason);
  });

  test("one that is not there is named", async () => {
    await expect(findPython(join(home, "nothing"), never)).rejects.toThrow(/nothing: not there/);
  });
});

describe("an installation", () => {
  test("that fails says why in pip's words and leaves nothing behind", async () => {
    // A package index that has nothing.
    const index = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => index.listen(0, "127.0.0.1", resolve));
    const { port } = index.address() as AddressInfo;
    vi.stubEnv("PIP_INDEX_URL", `http://127.0.0.1:${port}/simple`);
    vi.stubEnv("PIP_CONFIG_FILE", "/dev/null");
    vi.stubEnv("PIP_EXTRA_INDEX_URL", "");
    try {
      const steps = new Set<string>();
      const failure = installMlx(options({ onProgress: (step) => steps.add(step) }), never);
      await expect(failure).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/mlx-lm could not be installed: .*mlx-lm/),
      });
      expect([...steps]).toEqual(["python", "venv", "packages"]);
    } finally {
      index.close();
    }
    expect(readEnvironment(home)).toBeNull();
    expect(await readdir(environmentsFolder(home))).toEqual([]);
  });

  test("that is given up leaves nothing behind", async () => {
    const control = new AbortController();
    const given = installMlx(
      options({ onProgress: (step) => step === "venv" && control.abort(new Error("changed my mind")) }),
      control.signal,
    );
    await expect(given).rejects.toThrow("changed my mind");
    expect(await readdir(environmentsFolder(home))).toEqual([]);
  });

  test("waits for nobody: a second one is refused with who is at work", async () => {
    await using _lock = await lockHome(environmentsFolder(home));
    await expect(installMlx(options(), never)).rejects.toMatchObject({
      code: "conflict",
      details: { pid: process.pid },
    });
  });

  test.each(["", "latest", "0.32.2; rm -rf /", "git+https://x", "--index-url=x"])(
    "the version %j is refused before anything runs",
    async (version) => {
      await expect(installMlx(options({ version }), never)).rejects.toMatchObject({
        code: "invalid_request",
      });
      expect(await readdir(home)).toEqual([]);
    },
  );
});

test("a record that is damaged, or leads elsewhere, is refused with what to do", async () => {
  await mkdir(environmentsFolder(home));
  const good = {
    device: "cpu",
    version: "1",
    mlx: "1",
    python: "3",
    installed_at: new Date(0).toISOString(),
  };
  for (const text of ["{", "[]", JSON.stringify({ ...good, folder: "../../bin" })]) {
    await writeFile(recordFile(home), text);
    expect(() => readEnvironment(home)).toThrow(/hearth mlx install --again/);
  }
});
