import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatConfiguration } from "./provider-file.ts";

const key = "sk-literal-1234567890";
const provider = (id: string) => ({ id, baseURL: "http://127.0.0.1:9/v1", models: [{ id: "m" }] });
const withProviders = (...ids: string[]) => JSON.stringify({ providers: ids.map((id) => provider(id)) });

describe("chat.config.json", () => {
  let folder: string;
  let path: string;
  let changes: number;
  let open: ChatConfiguration[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "hearth-providers-"));
    path = join(folder, "chat.config.json");
    changes = 0;
    open = [];
  });
  afterEach(async () => {
    for (const one of open) one[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  /** Without being followed it changes between two steps of a test only when it is asked for. */
  const start = async (environment: Record<string, string> = {}, lookEveryMs: number | null = null) => {
    const configuration = new ChatConfiguration({
      path,
      environment: (name) => environment[name],
      onChange: () => void changes++,
      lookEveryMs,
    });
    open.push(configuration);
    await configuration.current();
    changes = 0;
    return configuration;
  };
  const ids = (configuration: ChatConfiguration) => configuration.providers.map(({ id }) => id);

  it("is followed: made, changed in place, replaced, cut short, whole again, deleted", async () => {
    const configuration = await start();
    expect(configuration.present()).toMatchObject({ error: null, settings: { maxSteps: 10 } });
    const now = async () => {
      await configuration.current();
      return ids(configuration);
    };
    await writeFile(path, withProviders("a"));
    expect(await now()).toEqual(["a"]);
    // Of the same length, within the same moment.
    await writeFile(path, withProviders("b"));
    expect(await now()).toEqual(["b"]);
    await writeFile(`${path}.new`, withProviders("c"));
    await rename(`${path}.new`, path);
    expect(await now()).toEqual(["c"]);
    await writeFile(path, withProviders("d", "e").slice(0, 40));
    expect(await now()).toEqual(["c"]);
    expect(configuration.error).toMatch(
      /chat\.config\.json is not in force: it is not JSON: .*The last good one is\./,
    );
    await writeFile(path, withProviders("d", "e"));
    expect(await now()).toEqual(["d", "e"]);
    expect(configuration.error).toBeNull();
    await rm(path);
    expect(await now()).toEqual([]);
    expect(configuration.error).toBeNull();
  });

  it("is followed without being asked: by what the system tells, and by the clock for what a link leads to", async () => {
    const configuration = await start({}, 60_000);
    await writeFile(path, withProviders("a"));
    await vi.waitFor(() => expect(ids(configuration)).toEqual(["a"]), { timeout: 60_000 });
    await mkdir(join(folder, "elsewhere"));
    const target = join(folder, "elsewhere", "mine.json");
    await writeFile(target, withProviders("b"));
    await rm(path);
    await symlink(target, path);
    const byClock = await start({}, 20);
    expect(ids(byClock)).toEqual(["b"]);
    await writeFile(target, withProviders("linked"));
    await vi.waitFor(() => expect(ids(byClock)).toEqual(["linked"]), { timeout: 60_000 });
  });

  it("does not tell of a change where there is none", async () => {
    const configuration = await start();
    await writeFile(path, withProviders("a"));
    await configuration.current();
    const before = changes;
    await writeFile(path, withProviders("a"));
    for (let time = 0; time < 3; time++) await configuration.current();
    expect(changes).toBe(before);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ["a folder", () => mkdir(path), "it is no file"],
    [
      "much garbage",
      () => writeFile(path, "x".repeat(10 * 2 ** 20)),
      "it has 10485760 bytes; at most 1048576",
    ],
    ["a link to nothing", () => symlink(join(folder, "gone"), path), "a link to something that is not there"],
    ["a link to itself", () => symlink(path, path), "a link that leads to itself"],
    ["a list", () => writeFile(path, "[]"), "is not valid: expected object, received array"],
    [
      "a misspelt name",
      () => writeFile(path, JSON.stringify({ providers: [{ ...provider("a"), apikey: key }] })),
      'is not valid: providers.0: Unrecognized key: "apikey"',
    ],
    [
      "a literal key",
      () => writeFile(path, JSON.stringify({ providers: [{ ...provider("a"), apiKey: key }] })),
      "providers.0.apiKey: ${NAME} of an environment variable, or keyring:NAME; keys themselves do not belong",
    ],
    [
      "a literal key in broken JSON",
      () => writeFile(path, `{"apiKey": ${key}}`),
      "is not JSON: Unexpected token",
    ],
  ])("with %s in its place says so and leaves the last good one in force", async (_, put, words) => {
    await writeFile(path, withProviders("good"));
    const configuration = await start();
    await rm(path);
    await put();
    await configuration.current();
    expect(configuration.error).toContain(words);
    expect(configuration.error).toContain("The last good one is.");
    expect(configuration.error).not.toContain(key.slice(0, 9));
    expect(ids(configuration)).toEqual(["good"]);
    // Also for a hub that starts now.
    expect((await start()).error).toContain("The defaults are.");
    await rm(path, { recursive: true });
    await writeFile(path, withProviders("mended"));
    await configuration.current();
    expect([configuration.error, ids(configuration)]).toEqual([null, ["mended"]]);
  });

  it("that may not be read says so", async () => {
    await writeFile(path, withProviders("a"), { mode: 0o600 });
    await chmod(path, 0);
    await chmod(folder, 0o755);
    const root = process.geteuid?.() === 0;
    // The superuser may read everything.
    if (root) process.seteuid?.(65_534);
    try {
      expect((await start()).error).toContain("it may not be read by the user that Hearth runs as");
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it("is written whole and for its owner only, through a link too", async () => {
    const target = join(folder, "dotfiles.json");
    await writeFile(target, "{}", { mode: 0o644 });
    await symlink(target, path);
    const configuration = await start({ MY_KEY: key });
    await configuration.replace({ providers: [{ ...provider("a"), apiKey: "${MY_KEY}" }] });
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(target, "utf8")).providers[0].apiKey).toBe("${MY_KEY}");
    expect(configuration.present().providers[1]).toMatchObject({ hasApiKey: true, keySource: "${MY_KEY}" });
    expect(configuration.providers[0]?.apiKey).toBe(key);
    expect(JSON.stringify(configuration.present())).not.toContain(key);
    await rm(path);
    await mkdir(path);
    await expect(configuration.replace({ providers: [] })).rejects.toThrow(
      /chat\.config\.json cannot be written: .*What was in force still is/,
    );
  });

  it("keeps the source of a key that is not named, takes it away on request, and what is shown can be sent back", async () => {
    const written = JSON.stringify({
      providers: [
        { ...provider("a"), apiKey: "${MY_KEY}" },
        { id: "openai", models: [{ id: "gpt", default: true }] },
      ],
      settings: { defaultProviderId: "a", defaultModelId: "m", maxSteps: 3 },
    });
    await writeFile(path, written);
    const configuration = await start({ MY_KEY: key });
    const shown = configuration.present();
    expect(shown.providers[2]).toMatchObject({ keySource: "${OPENAI_API_KEY}", hasApiKey: false });
    await configuration.replace({ ...shown, service: { state: "idle" } });
    expect(await readFile(path, "utf8")).toBe(written);
    expect(configuration.present()).toEqual(shown);
    const source = () => configuration.present().providers[1]?.keySource;
    await configuration.replace({ providers: [{ ...provider("a"), name: "Another" }] });
    expect([source(), configuration.providers[0]?.apiKey]).toEqual(["${MY_KEY}", key]);
    await configuration.replace({ providers: [{ ...provider("a"), apiKey: null }] });
    expect(source()).toBeNull();
    await Promise.all(["x", "y", "z"].map((id) => configuration.replace({ providers: [provider(id)] })));
    expect(ids(configuration)).toEqual(["z"]);
  });

  it("is checked with the path of each mistake, and nothing is written then", async () => {
    const configuration = await start();
    const wrong = {
      version: "2.0",
      providers: [
        { ...provider("a"), apiKey: key },
        { id: "Bad Id", baseURL: "ftp://x" },
        { id: "c", baseURL: `http://user:${key}@host/v1` },
      ],
      settings: { maxSteps: 51 },
      extra: 1,
    };
    const errors = configuration.validate(wrong);
    expect(errors.map(({ path: at }) => at).toSorted()).toEqual([
      "",
      "providers.0.apiKey",
      "providers.1.baseURL",
      "providers.1.id",
      "providers.2.baseURL",
      "settings.maxSteps",
      "version",
    ]);
    expect(JSON.stringify(errors)).not.toContain(key);
    await expect(configuration.replace(wrong)).rejects.toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.not.stringContaining(key) }),
    );
    await expect(stat(path)).rejects.toThrow("ENOENT");
    const one = {
      ...provider("a"),
      models: [
        { id: "m", default: true },
        { id: "m", default: true },
      ],
    };
    const second = configuration.validate({
      providers: [one, provider("a"), provider("hearth"), { id: "e" }],
      settings: { defaultProviderId: "a", defaultModelId: "other" },
    });
    expect(second).toEqual([
      { path: "providers.0.models.1.id", message: '"m" is there twice' },
      {
        path: "providers.0.models.1.default",
        message: "another model of this provider is the default already",
      },
      { path: "providers.1.id", message: '"a" is there twice' },
      { path: "providers.2.id", message: '"hearth" is the hub itself' },
      { path: "providers.3.baseURL", message: "is needed for a server that is neither openai nor anthropic" },
      { path: "settings.defaultModelId", message: '"other" is no model of "a"' },
    ]);
    expect(configuration.validate({ settings: { defaultProviderId: "nobody" } })).toEqual([
      { path: "settings.defaultProviderId", message: '"nobody" is no provider of this file' },
    ]);
  });

  it("finds a key that came after it, when it is asked to look again", async () => {
    const environment: Record<string, string> = {};
    await writeFile(path, JSON.stringify({ providers: [{ id: "anthropic", models: [{ id: "c" }] }] }));
    const configuration = await start(environment);
    expect(configuration.providers[0]).toMatchObject({ apiKey: null, missingKey: "ANTHROPIC_API_KEY" });
    environment["ANTHROPIC_API_KEY"] = key;
    await configuration.refresh();
    expect(configuration.providers[0]).toMatchObject({ apiKey: key, missingKey: null });
  });
});
