import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { systemKeyring } from "../../packages/hub/src/chat/providers/keyring.ts";
import { installStandIns } from "../../packages/hub/src/chat/providers/tests/stand-in-tools.ts";
import { TestHub } from "../test-hub.ts";
import { ScriptedProvider } from "./scripted-provider.ts";
import { prompt } from "./turns.ts";

const keys = {
  OPENAI_API_KEY: "sk-proj-openai-4f1c9a7e2b8d5063",
  ANTHROPIC_API_KEY: "sk-ant-api03-anthropic-77ab01cd",
  // A name that says nothing of a key.
  MY_OWN_LOGIN: "my-own-login-9d8c7b6a5f4e3d2c",
  HEARTH_API_KEY: "the-key-of-the-hub-itself-0011",
};
const inKeyring = "key-of-the-keyring-5e6f7a8b9c0d1e2f";
const secrets = [...Object.values(keys), inKeyring];

/** What of the keys is in it; nothing, if all is well. */
function leaks(where: string, content: string | Buffer): string[] {
  return secrets.filter((secret) => content.includes(secret)).map((secret) => `${secret} in ${where}`);
}

async function filesUnder(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function leaksInFiles(folder: string): Promise<string[]> {
  const files = await filesUnder(folder);
  return (await Promise.all(files.map(async (file) => leaks(file, await readFile(file))))).flat();
}

/** Processes that this one started, and theirs. */
async function descendants(of: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of (await readdir("/proc")).filter((one) => /^\d+$/.test(one))) {
    const status = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    parents.set(Number(name), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const found = [of];
  for (const parent of found) for (const [pid, above] of parents) if (above === parent) found.push(pid);
  return found.slice(1);
}

afterEach(() => vi.unstubAllEnvs());

it.runIf(process.platform === "linux")(
  "no key is anywhere but in the request to its own provider",
  async () => {
    const tools = await mkdtemp(join(tmpdir(), "hearth-tools-"));
    const { path } = await installStandIns(tools);
    vi.stubEnv("PATH", path);
    for (const [name, key] of Object.entries(keys)) vi.stubEnv(name, key);
    await systemKeyring()?.store("ring", inKeyring);
    const log = new PassThrough();
    let logged = "";
    log.setEncoding("utf8").on("data", (text: string) => (logged += text));
    await using provider = await ScriptedProvider.start();
    const found: string[] = [];
    const home = await mkdtemp(join(tmpdir(), "hearth-secrets-"));
    {
      await using hub = await TestHub.start({
        home,
        logStream: log,
        env: { ...keys, LOG_LEVEL: "trace", HEARTH_CHAT_RATE_LIMIT: "0" },
      });
      /** Everything that the hub says is looked through. */
      const send = async (method: string, at: string, body?: unknown): Promise<string> => {
        const response = await hub.fetch(at, {
          method,
          headers: {
            authorization: `Bearer ${keys.HEARTH_API_KEY}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        found.push(...leaks(`${method} ${at}`, JSON.stringify([...response.headers]) + text));
        return text;
      };
      const one = { baseURL: provider.url, models: [{ id: "m" }] };
      const providers = [
        { ...one, id: "openai" },
        { ...one, id: "anthropic" },
        { ...one, id: "own", apiKey: "${MY_OWN_LOGIN}" },
        { ...one, id: "ring", apiKey: "keyring:ring" },
      ];
      const keyOf: Record<string, string> = {
        openai: keys.OPENAI_API_KEY,
        anthropic: keys.ANTHROPIC_API_KEY,
        own: keys.MY_OWN_LOGIN,
        ring: inKeyring,
      };
      const config = JSON.parse(await send("PUT", "/api/chat/config", { providers }));
      expect(config.providers.map((each: { hasApiKey: boolean }) => each.hasApiKey)).toEqual([
        false,
        true,
        true,
        true,
        true,
      ]);
      for (const { id } of providers) {
        const key = keyOf[id] ?? "";
        const turn = (text: string) =>
          send("POST", "/api/chat", { id: `with-${id}`, providerId: id, messages: [prompt(text)] });
        provider.steps.push({ call: { name: "list_models", input: {} } }, { text: "Here they are" });
        expect(await turn("look")).toContain("Here they are");
        provider.steps.push({
          refusal: { status: 401, message: `wrong key ${key}: ${encodeURIComponent(key)}` },
        });
        expect(await turn("refuse")).toContain("wrong key (key)");
        provider.steps.push({ text: "x", breaks: `broke with ${key}` });
        expect(await turn("break")).toContain("broke with (key)");
        provider.steps.push({ refusal: { status: 401, message: key } });
        await send("POST", "/api/chat/generate-title", { session_id: `with-${id}` });
        for (const format of ["json", "markdown"])
          await send("GET", `/api/chat/sessions/with-${id}/export?format=${format}`);
        // It came where it belongs: with each request, to its own provider.
        const sent = provider.requests.slice(-5).map(({ headers }) => JSON.stringify(headers));
        for (const headers of sent)
          expect(secrets.filter((secret) => headers.includes(secret))).toEqual([key]);
      }
      const sidecar = async () => (await hub.client.conversations.config()).service.sidecars[0];
      const { pid } = (await sidecar()) ?? {};
      const children = await descendants(process.pid);
      expect(children).toContain(pid);
      for (const child of children)
        for (const file of ["environ", "cmdline"])
          found.push(
            ...leaks(`/proc/${child}/${file}`, await readFile(`/proc/${child}/${file}`).catch(() => "")),
          );
      for (const name of await readdir("/proc"))
        found.push(
          ...leaks(`/proc/${name}/cmdline`, await readFile(`/proc/${name}/cmdline`).catch(() => "")),
        );
      process.kill(pid ?? Number.NaN, "SIGKILL");
      await expect.poll(async () => (await sidecar())?.restarts).toBe(1);
      const literal = { ...one, id: "literal", apiKey: keys.OPENAI_API_KEY };
      expect(await send("PUT", "/api/chat/config", { providers: [literal] })).toContain(
        "keys themselves do not belong",
      );
      await send("POST", "/api/chat/config/validate", { providers: [literal] });
      for (const at of ["sessions", "config", "tool-calls", "tools", "storage"])
        await send("GET", `/api/chat/${at}`);
      for (const at of ["/settings", "/metrics", "/openapi.json", "/health", "/status", "/traces"])
        await send("GET", at);
      found.push(...(await leaksInFiles(home)));
    }
    // What is written when a hub ends is looked at, too.
    found.push(...(await leaksInFiles(home)), ...leaks("the log", logged));
    expect(found).toEqual([]);
    expect(logged).toContain("Hearth is ready");
    const names = (await filesUnder(home)).map((file) => relative(home, file));
    expect(names).toEqual(expect.arrayContaining(["chat.config.json", "hearth.db", join("logs", "hub.log")]));
    await Promise.all([home, tools].map((folder) => rm(folder, { recursive: true })));
  },
);
