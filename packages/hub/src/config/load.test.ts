import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { parseBytes } from "./values.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-config-"));
});
afterEach(() => rmSync(home, { recursive: true }));

test("defaults listen on loopback with SQLite in the home folder", () => {
  const config = loadConfig({}, { HOME: home });
  expect(config).toMatchObject({
    home: join(home, ".hearth"),
    host: "127.0.0.1",
    port: 4747,
    apiKey: null,
    logLevel: "info",
  });
  expect(config.database).toEqual({ kind: "sqlite", path: join(home, ".hearth", "hearth.db") });
  expect(config.dataPaths).toContain(home);
});

test.each([
  ["HEARTH_PORT", "abc", /HEARTH_PORT is "abc"; allowed: a whole number from 0 to 65535/],
  ["HEARTH_PORT", "65536", /0 to 65535/],
  ["LOG_LEVEL", "loud", /LOG_LEVEL is "loud"; allowed: trace, debug/],
  ["HEARTH_MEMORY_LIMIT", "many", /HEARTH_MEMORY_LIMIT is "many"; allowed: a size/],
  ["HEARTH_MEMORY_LIMIT", "120%", /HEARTH_MEMORY_LIMIT/],
  ["HEARTH_KEEP_ALIVE", "5d", /HEARTH_KEEP_ALIVE is "5d"; allowed: seconds/],
  ["HEARTH_KEEP_ALIVE", "9999h", /HEARTH_KEEP_ALIVE/],
  ["HEARTH_CONTEXT", "3", /HEARTH_CONTEXT is "3"; allowed: a whole number from 64/],
  ["HEARTH_KV_CACHE_TYPE", "q4", /HEARTH_KV_CACHE_TYPE is "q4"; allowed: f16, q8_0/],
  ["HEARTH_MAX_WAITING", "-1", /HEARTH_MAX_WAITING is "-1"/],
  ["HEARTH_TRAINING_CONCURRENCY", "0", /HEARTH_TRAINING_CONCURRENCY is "0"; allowed: a whole number from 1/],
  ["HEARTH_TRAINING_RETRIES", "-1", /HEARTH_TRAINING_RETRIES/],
  ["HEARTH_TRAINING_HEARTBEAT", "0", /HEARTH_TRAINING_HEARTBEAT is "0"; allowed: at least 3 seconds/],
  ["HEARTH_TRAINING_LEASE", "-1", /HEARTH_TRAINING_LEASE is "-1"; allowed: at least 3 seconds/],
  ["HEARTH_TRAINING_YIELD", "never", /HEARTH_TRAINING_YIELD is "never"; allowed: off, slow, pause/],
  ["HEARTH_TRAINING_COOLDOWN", "20", /HEARTH_TRAINING_COOLDOWN is "20"; allowed: off, or a temperature/],
  ["HEARTH_DEBUG", "maybe", /HEARTH_DEBUG is "maybe"; allowed: 1 or 0/],
  ["HEARTH_HOST", "a b", /HEARTH_HOST/],
  ["HEARTH_HOST", "0.0.0.0", /HEARTH_API_KEY is not set/],
  ["ARTIFACT_ROOT", "s3://bucket/models", /ARTIFACT_ROOT is "s3:.*not supported yet/],
  ["HEARTH_API_KEY", "short", /at least 16/],
  ["MLX_SERVER_URL", "somewhere", /MLX_SERVER_URL is .*allowed: an address such as http/],
  ["MLX_SERVER_URL", "ftp://host", /MLX_SERVER_URL/],
  ["MLX_SERVER_URL", "http://me:secret@host", /MLX_SERVER_URL/],
  ["DATABASE_URL", "mysql://u:secret@h/d", /DATABASE_URL does not start with postgres/],
])("%s=%s stops the start", (variable, value, message) => {
  expect(() => loadConfig({}, { HOME: home, [variable]: value })).toThrow(message);
});

test("a refused secret is not repeated", () => {
  const attempt = () => loadConfig({}, { HOME: home, DATABASE_URL: "mysql://u:secret@h/d" });
  expect(attempt).toThrow(expect.not.objectContaining({ message: expect.stringContaining("secret") }));
});

test.each([
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["http://mac.tailnet.ts.net:8080/v1/", "http://mac.tailnet.ts.net:8080"],
  ["https://host/mlx/", "https://host/mlx"],
])("MLX_SERVER_URL=%s is the server %s", (value, url) => {
  expect(loadConfig({}, { HOME: home, MLX_SERVER_URL: value }).mlxServerUrl).toBe(url);
  expect(loadConfig({}, { HOME: home }).mlxServerUrl).toBeNull();
});

test("overrides win over the environment, which wins over the file", () => {
  writeFileSync(
    join(home, "config.json"),
    JSON.stringify({ HEARTH_PORT: 1, LOG_LEVEL: "warn", HEARTH_SLOTS: 3 }),
  );
  const config = loadConfig(
    { HEARTH_PORT: "3" },
    { HEARTH_HOME: home, HEARTH_PORT: "2", LOG_LEVEL: "error" },
  );
  expect(config).toMatchObject({ port: 3, logLevel: "error", slots: 3 });
});

test.each([
  ["{", /is not JSON/],
  ["[]", /must hold one JSON object/],
  ['{"HEARTH_PORT":[]}', /HEARTH_PORT in .* must be a string/],
  ['{"PATH":"x"}', /PATH in .* is not a setting/],
])("the file %s stops the start", (text, message) => {
  writeFileSync(join(home, "config.json"), text);
  expect(() => loadConfig({}, { HEARTH_HOME: home })).toThrow(message);
});

test("jobs are taken and watched over as a person sets it, with a sane default for each", () => {
  expect(loadConfig({}, { HOME: home }).training).toEqual({
    concurrency: 1,
    retries: 2,
    heartbeatMs: 60_000,
    leaseMs: 60_000,
    yield: "slow",
    cooldownAboveCelsius: 95,
  });
  const set = loadConfig(
    {},
    {
      HOME: home,
      HEARTH_TRAINING_CONCURRENCY: "2",
      HEARTH_TRAINING_RETRIES: "0",
      HEARTH_TRAINING_HEARTBEAT: "90s",
      HEARTH_TRAINING_LEASE: "5m",
      HEARTH_TRAINING_YIELD: "pause",
      HEARTH_TRAINING_COOLDOWN: "off",
    },
  ).training;
  expect(set).toEqual({
    concurrency: 2,
    retries: 0,
    heartbeatMs: 90_000,
    leaseMs: 300_000,
    yield: "pause",
    cooldownAboveCelsius: null,
  });
});

test("HEARTH_DEBUG lowers the log level unless LOG_LEVEL says otherwise", () => {
  expect(loadConfig({}, { HOME: home, HEARTH_DEBUG: "1" }).logLevel).toBe("debug");
  expect(loadConfig({}, { HOME: home, HEARTH_DEBUG: "1", LOG_LEVEL: "warn" }).logLevel).toBe("warn");
});

test("variables without effect are named", () => {
  const config = loadConfig({}, { HOME: home, MLFLOW_TRACKING_URI: "http://x" });
  expect(config.warnings).toEqual([expect.stringContaining("MLFLOW_TRACKING_URI")]);
});

test("how models are served is chosen from the machine unless it is set", () => {
  expect(loadConfig({}, { HOME: home })).toMatchObject({
    slots: null,
    contextSize: null,
    kvCacheType: null,
    keepAliveMs: 300_000,
    waiting: { perModel: 256, inAll: 1024, perClient: 128 },
  });
  expect(
    loadConfig(
      {},
      {
        HOME: home,
        HEARTH_CONTEXT: "2048",
        HEARTH_KV_CACHE_TYPE: "Q8_0",
        HEARTH_KEEP_ALIVE: "-1",
        HEARTH_MAX_WAITING_PER_CLIENT: "5",
      },
    ),
  ).toMatchObject({
    slots: null,
    contextSize: 2048,
    kvCacheType: "q8_0",
    keepAliveMs: Number.POSITIVE_INFINITY,
    waiting: { perClient: 5 },
  });
});

test("sizes", () => {
  expect(parseBytes("X", "1GiB")).toBe(2 ** 30);
  expect(parseBytes("X", "900MB")).toBe(900e6);
  expect(parseBytes("X", "2g")).toBe(2e9);
  expect(parseBytes("X", "100000000")).toBe(100_000_000);
  expect(parseBytes("X", "50%", 2 ** 30)).toBe(2 ** 29);
});

const file = (providers: unknown) =>
  writeFileSync(join(home, "config.json"), JSON.stringify({ HEARTH_SLOTS: 3, providers }));

test("providers of the file, with keys from the environment", () => {
  file({
    ollama: { urls: ["http://127.0.0.1:11434", "https://gpu.example/api/v1/"] },
    own: {
      urls: ["http://h/v1"],
      apiKeyVariable: "MY_KEY",
      concurrency: 2,
      timeoutSeconds: 9,
      models: ["m"],
      extensions: ["top_k"],
    },
  });
  const { providers, slots } = loadConfig({}, { HEARTH_HOME: home, MY_KEY: "secret" });
  expect(slots).toBe(3);
  expect(providers).toEqual([
    {
      name: "ollama",
      urls: ["http://127.0.0.1:11434/v1", "https://gpu.example/api/v1"],
      apiKey: null,
      apiKeyVariable: null,
      concurrency: 4,
      timeoutMs: 30_000,
      models: null,
      extensions: [],
    },
    {
      name: "own",
      urls: ["http://h/v1"],
      apiKey: "secret",
      apiKeyVariable: "MY_KEY",
      concurrency: 2,
      timeoutMs: 9_000,
      models: ["m"],
      extensions: ["top_k"],
    },
  ]);
});

test("LLM_BASE_URL is the provider default, whatever the file says of it", () => {
  file({ default: { urls: ["http://elsewhere/v1"] } });
  const environment = {
    HEARTH_HOME: home,
    LLM_BASE_URL: "http://h:1/v1",
    LLM_MODEL: "org/m",
    LLM_API_KEY: "k",
  };
  expect(loadConfig({}, environment).providers).toMatchObject([
    { name: "default", urls: ["http://h:1/v1"], models: ["org/m"], apiKey: "k" },
  ]);
});

const oneUrl = ["http://h/v1"];
test.each([
  [[], /providers in .* must be an object such as/],
  [{ "a/b": { urls: oneUrl } }, /name in providers in .* is "a\/b"; allowed: letters/],
  [{ a: { urls: [] } }, /providers\.a\.urls in .* is "\[\]"; allowed: a list of 1 to 16 addresses/],
  [{ a: {} }, /providers\.a\.urls in .* is "not set"/],
  [{ a: { urls: ["ftp://h"] } }, /providers\.a\.urls\[0\] in .* is "ftp:\/\/h"; allowed: an address/],
  [{ a: { urls: ["http://h/v1?key=1"] } }, /urls\[0\].*without a user, a query/],
  [
    { a: { urls: oneUrl, concurrency: 0 } },
    /providers\.a\.concurrency in .* is "0"; allowed: a whole number from 1 to 256/,
  ],
  [{ a: { urls: oneUrl, timeoutSeconds: 1.5 } }, /timeoutSeconds/],
  [{ a: { urls: oneUrl, extensions: ["top_q"] } }, /extensions\[0\] in .* is "top_q"; allowed: one of top_k/],
  [{ a: { urls: oneUrl, models: ["a b"] } }, /models\[0\]/],
  [{ a: { urls: oneUrl, apikey: "x" } }, /providers\.a in .* is "apikey"; allowed: urls, apiKeyVariable/],
  [{ a: 5 }, /providers\.a in .* is "5"/],
])("the providers %j stop the start", (providers, message) => {
  file(providers);
  expect(() => loadConfig({}, { HEARTH_HOME: home })).toThrow(message);
});

test.each([
  { a: { urls: ["http://user:hidden@h/v1"] } },
  { a: { urls: oneUrl, apiKeyVariable: "sk-hidden" } },
])("a secret that is written into the file is not repeated: %j", (providers) => {
  file(providers);
  const attempt = () => loadConfig({}, { HEARTH_HOME: home });
  expect(attempt).toThrow(/allowed/);
  expect(attempt).toThrow(expect.not.objectContaining({ message: expect.stringContaining("hidden") }));
});

test.each([
  ["LLM_BASE_URL", "nowhere"],
  ["LLM_MODEL", "two words"],
  ["LLM_API_KEY", "two words"],
])("%s=%s stops the start", (variable, value) => {
  const environment = { HEARTH_HOME: home, LLM_BASE_URL: "http://h/v1", [variable]: value };
  expect(() => loadConfig({}, environment)).toThrow(variable);
});
