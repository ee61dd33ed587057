import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findKey } from "./keys.ts";
import { systemKeyring, type Keyring } from "./keyring.ts";
import { installStandIns, type StandIns } from "./tests/stand-in-tools.ts";

const key = "sk-1234567890abcdef";
const nothing = (): undefined => undefined;

describe.each(["linux", "darwin"] as const)("the keyring of %s", (platform) => {
  let folder: string;
  let tools: StandIns;
  let keyring: Keyring;
  const open = (path: string): Keyring => {
    const opened = systemKeyring(platform, { PATH: path, SOME_API_KEY: "another-secret", DISPLAY: ":0" });
    if (opened === null) throw new Error("there is one");
    return opened;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "hearth-keyring-"));
    tools = await installStandIns(folder);
    keyring = open(tools.path);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("stores, reads, replaces and removes a key", async () => {
    expect(await keyring.read("openai")).toBeNull();
    await keyring.store("openai", key);
    await keyring.store("work@openai", "sk-other");
    expect(await keyring.read("openai")).toBe(key);
    await keyring.store("openai", `${key}2`);
    expect(await findKey("keyring:openai", nothing, keyring)).toEqual({
      key: `${key}2`,
      place: "keyring:openai",
      help: null,
    });
    expect(await keyring.remove("openai")).toBe(true);
    expect(await keyring.remove("openai")).toBe(false);
    expect(await keyring.read("work@openai")).toBe("sk-other");
  });

  it("shows a key to nobody who lists processes, and gives its program no secret of the environment", async () => {
    await keyring.store("openai", key);
    await keyring.read("openai");
    const calls = JSON.stringify(await tools.calls());
    expect(calls).not.toContain(key);
    expect(calls).not.toContain(Buffer.from(key).toString("hex"));
    expect(calls).not.toContain("another-secret");
    expect(calls).toContain('"DISPLAY":":0"');
  });

  it("says what to install, that it is locked, or how a key is stored", async () => {
    const help = async (one: Keyring) => (await findKey("keyring:openai", nothing, one)).help;
    expect(await help(open(join(folder, "nowhere")))).toContain(
      platform === "linux"
        ? "install secret-tool (Debian, Ubuntu: libsecret-tools"
        : "check the installation",
    );
    expect(await help(keyring)).toBe("Store it: `hearth keys set openai`.");
    await tools.lock();
    expect(await help(keyring)).toContain("The keyring cannot be used: secret-tool: Cannot autolaunch D-Bus");
    await expect(keyring.store("openai", key)).rejects.toThrow("cannot be used");
  });
});

describe("findKey", () => {
  it("reads variables, and takes no text that cannot be a key", async () => {
    const environment = (name: string) => ({ GOOD: key, EMPTY: "", BAD: "two words\n" })[name];
    expect(await findKey("${GOOD}", environment)).toEqual({ key, place: "GOOD", help: null });
    expect((await findKey("${EMPTY}", environment)).help).toBe("Set EMPTY and restart Hearth.");
    const bad = await findKey("${BAD}", environment);
    expect(bad.key).toBeNull();
    expect(bad.help).toMatch(/What BAD holds is no key/);
    expect(bad.help).not.toContain("two words");
  });

  it("says that a system has no keyring", async () => {
    expect(systemKeyring("win32")).toBeNull();
    expect((await findKey("keyring:a", nothing, null)).help).toContain("no keyring that Hearth can read");
  });
});
