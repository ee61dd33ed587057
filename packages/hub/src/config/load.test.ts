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

test("HEARTH_DEBUG lowers the log level unless LOG_LEVEL says otherwise", () => {
  expect(loadConfig({}, { HOME: home, HEARTH_DEBUG: "1" }).logLevel).toBe("debug");
  expect(loadConfig({}, { HOME: home, HEARTH_DEBUG: "1", LOG_LEVEL: "warn" }).logLevel).toBe("warn");
});

test("variables without effect are named", () => {
  const config = loadConfig({}, { HOME: home, MLFLOW_TRACKING_URI: "http://x" });
  expect(config.warnings).toEqual([expect.stringContaining("MLFLOW_TRACKING_URI")]);
});

test("sizes", () => {
  expect(parseBytes("X", "1GiB")).toBe(2 ** 30);
  expect(parseBytes("X", "900MB")).toBe(900e6);
  expect(parseBytes("X", "2g")).toBe(2e9);
  expect(parseBytes("X", "100000000")).toBe(100_000_000);
  expect(parseBytes("X", "50%", 2 ** 30)).toBe(2 ** 29);
});
