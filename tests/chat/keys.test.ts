import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chat } from "../../packages/hub/src/cli/doctor/chat.ts";
import {
  installStandIns,
  type StandIns,
} from "../../packages/hub/src/chat/providers/tests/stand-in-tools.ts";
import { hearth } from "../command-line.ts";
import { TestHub } from "../test-hub.ts";
import { ScriptedProvider } from "./scripted-provider.ts";
import { ask, prompt } from "./turns.ts";

const key = "sk-typed-by-a-person-0123456789";

describe.runIf(process.platform === "linux")("hearth keys", () => {
  let home: string;
  let tools: string;
  let path: string;
  let standIns: StandIns;
  let provider: ScriptedProvider;
  beforeEach(async () => {
    [home, tools, provider] = await Promise.all([
      mkdtemp(join(tmpdir(), "hearth-keys-")),
      mkdtemp(join(tmpdir(), "hearth-tools-")),
      ScriptedProvider.start(),
    ]);
    standIns = await installStandIns(tools);
    ({ path } = standIns);
    vi.stubEnv("PATH", path);
    vi.stubEnv("OPENAI_API_KEY", key);
    const models = [{ id: "m" }];
    const providers = [
      { id: "openai", models },
      { id: "ring", baseURL: provider.url, models, apiKey: "keyring:ring" },
      { id: "free", baseURL: provider.url, models },
    ];
    await writeFile(join(home, "chat.config.json"), JSON.stringify({ providers }));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await provider[Symbol.asyncDispose]();
    await Promise.all([home, tools].map((folder) => rm(folder, { recursive: true })));
  });
  const run = (args: string[], input = "", env: Record<string, string> = {}) =>
    hearth(["keys", ...args, "--json"], {
      input,
      env: { HEARTH_HOME: home, HOME: home, HEARTH_PORT: "9", ...env },
    });

  it("lets the hub start while the keyring asks its person", async () => {
    expect((await run(["set", "ring"], key)).json).toMatchObject({ set: true });
    const answer = await standIns.ask();
    await using hub = await TestHub.start({ home });
    // It would have been given up by now, if the start had waited for it.
    await answer();
    const { providers } = await hub.client.conversations.config();
    expect(providers.find(({ id }) => id === "ring")).toMatchObject({ hasApiKey: true });
  });

  it("lists what is set without a hub, refuses what is no key, and says what to install", async () => {
    const listed = await run([]);
    expect(listed.json).toEqual({
      keys: [
        { provider: "openai", source: "${OPENAI_API_KEY}", set: true },
        { provider: "ring", source: "keyring:ring", set: false },
      ],
    });
    expect(listed.stdout + listed.stderr).not.toContain(key);
    const refused = await run(["set", "ring"], "two words");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("That is no key")]);
    expect((await run(["set", "a b"], key)).stderr).toContain('"a b" is no name of a key');
    expect((await run(["remove", "ring"])).stderr).toContain('The keyring has no key "ring" of Hearth');
    const without = await run(["set", "ring"], key, { PATH: join(tools, "nowhere") });
    expect(without.stderr).toContain("install secret-tool (Debian, Ubuntu: libsecret-tools");
    expect(without.code).not.toBe(0);
  });

  it("stores a key that the running hub uses at once, and takes it away again; doctor says what is missing", async () => {
    await using hub = await TestHub.start({ home, env: { OPENAI_API_KEY: key } });
    const isSet = async () => (await hub.client.conversations.config()).providers[2]?.hasApiKey;
    const doctor = () => chat({ client: hub.client, signal: new AbortController().signal });
    expect(await doctor()).toMatchObject({
      ok: false,
      needed: false,
      found: `idle at socket ${join(home, "chat.sock")}; ring has no key (keyring:ring)`,
      fix: "store it: `hearth keys set ring`",
    });
    const turn = () => ask(hub, { providerId: "ring", messages: [prompt("x")] });
    expect(JSON.parse((await turn()).body).error.message).toBe(
      "API key not configured for provider: ring. Store it: `hearth keys set ring`.",
    );
    const stored = await run(["set", "ring"], `${key}\n`);
    expect([stored.code, stored.json]).toEqual([0, { name: "ring", set: true }]);
    expect(stored.stdout + stored.stderr).not.toContain(key);
    expect(await isSet()).toBe(true);
    expect((await turn()).status).toBe(200);
    expect(provider.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(await doctor()).toMatchObject({
      ok: true,
      found: expect.stringMatching(/^up \(pid \d+\) at socket /),
    });
    expect((await run(["remove", "ring"])).json).toEqual({ name: "ring", set: false });
    expect(await isSet()).toBe(false);
    const settings = await hub.client.settings();
    expect(settings.chat).toMatchObject({
      start: { value: "on-demand", variable: "HEARTH_CHAT" },
      sidecars: { value: 1, variable: "HEARTH_CHAT_SIDECARS" },
      transport: { value: "socket", variable: "HEARTH_CHAT_TRANSPORT" },
      place: { value: join(home, "chat.sock"), variable: "HEARTH_CHAT_SOCKET" },
      port: { value: null, variable: "HEARTH_CHAT_PORT" },
      turns_per_minute: { value: 10, variable: "HEARTH_CHAT_RATE_LIMIT" },
      limit_hub: { value: false, variable: "HEARTH_CHAT_LIMIT_HUB" },
      config_file: join(home, "chat.config.json"),
    });
  });
});
