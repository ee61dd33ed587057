import { availableParallelism, homedir, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { HearthError } from "../errors.ts";
import { readChatSettings } from "./chat.ts";
import { isLoopback, logLevels, type Config } from "./config.ts";
import { readConfigFile } from "./file.ts";
import { readProviders } from "./providers.ts";
import { readTrainingSettings } from "./training.ts";
import {
  badValue,
  parseBoolean,
  parseBytes,
  parseChoice,
  parseDuration,
  parseFolder,
  parseHttpUrl,
  parseInteger,
  parseServerUrl,
} from "./values.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with a documented meaning that this version does not act on yet. */
const later = ["MLFLOW_TRACKING_URI"];

/**
 * Reads the environment, and under it `HEARTH_HOME/config.json` (an object with the same
 * names; the environment wins), into the typed configuration. `overrides` (from the command
 * line) win over both. A bad value throws `configuration_invalid` naming variable, value and
 * what is allowed.
 */
export function loadConfig(overrides: Environment = {}, environment: Environment = process.env): Config {
  const userHome = environment["HOME"] ?? homedir();
  const early = { ...environment, ...present(overrides) };
  const home = parseFolder("HEARTH_HOME", early["HEARTH_HOME"] ?? join(userHome, ".hearth"), userHome);
  const file = join(home, "config.json");
  const inFile = readConfigFile(file);
  const settings: Environment = {
    ...inFile.settings,
    ...present(environment),
    ...present(overrides),
  };
  const get = (name: string): string | undefined => settings[name];
  const folder = (name: string, otherwise: string) => parseFolder(name, get(name) ?? otherwise, userHome);

  const host = get("HEARTH_HOST") ?? "127.0.0.1";
  if (!/^[\w.:%-]+$/.test(host))
    throw badValue("HEARTH_HOST", host, "an address or host name to listen on, such as 127.0.0.1");
  const apiKey = get("HEARTH_API_KEY") ?? null;
  if (apiKey !== null && (apiKey.length < 16 || !/^[\x21-\x7e]+$/.test(apiKey))) {
    throw new HearthError(
      "configuration_invalid",
      "HEARTH_API_KEY is too short or has odd characters; allowed: at least 16 printable ASCII characters without spaces.",
      {
        details: { variable: "HEARTH_API_KEY" },
      },
    );
  }
  if (!isLoopback(host) && apiKey === null) {
    throw new HearthError(
      "configuration_invalid",
      `HEARTH_HOST is "${host}", which other machines can reach, and HEARTH_API_KEY is not set. Set HEARTH_API_KEY (at least 16 characters), or listen on 127.0.0.1.`,
      { details: { variable: "HEARTH_API_KEY", host } },
    );
  }
  const artifactRoot = folder("ARTIFACT_ROOT", home);
  const debug = parseBoolean("HEARTH_DEBUG", get("HEARTH_DEBUG") ?? "0");
  const cores = availableParallelism();
  return {
    home,
    host,
    port: parseInteger("HEARTH_PORT", get("HEARTH_PORT") ?? "4747", 0, 65_535),
    allowedHosts: list(get("HEARTH_ALLOWED_HOSTS"), ","),
    apiKey,
    database: database(get("DATABASE_URL"), home),
    storage: {
      active: folder("STORAGE_ACTIVE_PATH", join(artifactRoot, "storage", "active")),
      archive: folder("STORAGE_ARCHIVE_PATH", join(artifactRoot, "storage", "archive")),
    },
    dataPaths: dataPaths(get("HEARTH_DATA_PATHS"), home, userHome),
    memoryLimitBytes:
      get("HEARTH_MEMORY_LIMIT") === undefined
        ? Math.floor(totalmem() * 0.75)
        : parseBytes("HEARTH_MEMORY_LIMIT", get("HEARTH_MEMORY_LIMIT") ?? ""),
    threads: parseInteger("HEARTH_THREADS", get("HEARTH_THREADS") ?? String(cores), 1, 1024),
    slots: optional(get("HEARTH_SLOTS"), (value) => parseInteger("HEARTH_SLOTS", value, 1, 64)),
    contextSize: optional(get("HEARTH_CONTEXT"), (value) =>
      parseInteger("HEARTH_CONTEXT", value, 64, 1_048_576),
    ),
    kvCacheType: optional(get("HEARTH_KV_CACHE_TYPE"), (value) =>
      parseChoice("HEARTH_KV_CACHE_TYPE", value.toLowerCase(), ["f16", "q8_0"]),
    ),
    waiting: {
      perModel: parseInteger("HEARTH_MAX_WAITING", get("HEARTH_MAX_WAITING") ?? "256", 0, 100_000),
      inAll: parseInteger(
        "HEARTH_MAX_WAITING_IN_ALL",
        get("HEARTH_MAX_WAITING_IN_ALL") ?? "1024",
        0,
        100_000,
      ),
      perClient: parseInteger(
        "HEARTH_MAX_WAITING_PER_CLIENT",
        get("HEARTH_MAX_WAITING_PER_CLIENT") ?? "128",
        0,
        100_000,
      ),
    },
    keepAliveMs: parseDuration("HEARTH_KEEP_ALIVE", get("HEARTH_KEEP_ALIVE") ?? "5m"),
    spareEngine: parseBoolean("HEARTH_SPARE_ENGINE", get("HEARTH_SPARE_ENGINE") ?? "1"),
    keepContent: parseBoolean("HEARTH_KEEP_CONTENT", get("HEARTH_KEEP_CONTENT") ?? "0"),
    otlpEndpoint: optional(get("OTEL_EXPORTER_OTLP_ENDPOINT"), (value) =>
      parseHttpUrl("OTEL_EXPORTER_OTLP_ENDPOINT", value),
    ),
    mlxServerUrl: parseServerUrl("MLX_SERVER_URL", get("MLX_SERVER_URL")),
    // Keys come from the environment only, whatever the file says.
    chat: readChatSettings(get, home, userHome, (name) => present(environment)[name]),
    training: readTrainingSettings(get),
    logLevel: parseChoice("LOG_LEVEL", get("LOG_LEVEL") ?? (debug ? "debug" : "info"), logLevels),
    bundledModels: parseBoolean("HEARTH_BUNDLED_MODELS", get("HEARTH_BUNDLED_MODELS") ?? "1"),
    // Keys come from the environment only, whatever the file says.
    providers: readProviders(inFile.providers, file, (name) => present(environment)[name]),
    warnings: later
      .filter((name) => get(name) !== undefined)
      .map((name) => `${name} is set; this version does not act on it.`),
  };
}

/** Empty counts as not set: `HEARTH_PORT= hearth serve` means the default. */
function present(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value !== "") set[name] = value;
  }
  return set;
}

function optional<T>(value: string | undefined, parse: (value: string) => T): T | null {
  return value === undefined ? null : parse(value);
}

function list(value: string | undefined, separator: string): string[] {
  return (value ?? "")
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function database(url: string | undefined, home: string): Config["database"] {
  if (url === undefined) return { kind: "sqlite", path: join(home, "hearth.db") };
  if (/^postgres(ql)?:\/\//.test(url)) return { kind: "postgres", url };
  // The value may carry a password: it is not repeated.
  throw new HearthError(
    "configuration_invalid",
    "DATABASE_URL does not start with postgres:// or postgresql://; allowed: the address of a PostgreSQL database, or not set for the built-in SQLite.",
    {
      details: { variable: "DATABASE_URL" },
    },
  );
}

/** Default: the current folder, the user's home, the hub's home, and what is bundled with Hearth. */
function dataPaths(value: string | undefined, home: string, userHome: string): string[] {
  if (value !== undefined)
    return list(value, delimiter).map((path) => parseFolder("HEARTH_DATA_PATHS", path, userHome));
  const checkout = fileURLToPath(new URL("../../../../", import.meta.url));
  return [process.cwd(), userHome, home, join(checkout, "examples"), join(checkout, "models")];
}
