import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HubSettings } from "@hearth/wire/hub/settings";
import type { Config } from "../config/config.ts";
import { serialiseError } from "../errors.ts";
import { selectMlxServer } from "../inference/engines/mlx/select-server.ts";
import { llamaLibraryProblem } from "./llama-availability.ts";
import { bundledModelsFolder } from "./bundled-models.ts";

/** The configuration in effect, named field by field so that a new secret of `Config` does not come along. */
export function effectiveSettings(config: Config): HubSettings {
  const { storage, waiting } = config;
  return {
    keys: {
      api_key_set: by("HEARTH_API_KEY", config.apiKey !== null),
      host: by("HEARTH_HOST", config.host),
      port: by("HEARTH_PORT", config.port),
      allowed_hosts: by("HEARTH_ALLOWED_HOSTS", config.allowedHosts),
    },
    providers: config.providers.map((provider) => ({
      name: provider.name,
      urls: provider.urls.map(bareAddress),
      key_variable: provider.apiKeyVariable,
      key_set: provider.apiKey !== null,
      concurrency: provider.concurrency,
      timeout_ms: provider.timeoutMs,
    })),
    engines: engines(config),
    limits: {
      memory_bytes: by("HEARTH_MEMORY_LIMIT", config.memoryLimitBytes),
      threads: by("HEARTH_THREADS", config.threads),
      slots: by("HEARTH_SLOTS", config.slots),
      context: by("HEARTH_CONTEXT", config.contextSize),
      kv_cache_type: by("HEARTH_KV_CACHE_TYPE", config.kvCacheType),
      // JSON has no infinity.
      keep_alive_ms: by("HEARTH_KEEP_ALIVE", Number.isFinite(config.keepAliveMs) ? config.keepAliveMs : null),
      waiting_per_model: by("HEARTH_MAX_WAITING", waiting.perModel),
      waiting_in_all: by("HEARTH_MAX_WAITING_IN_ALL", waiting.inAll),
      waiting_per_client: by("HEARTH_MAX_WAITING_PER_CLIENT", waiting.perClient),
    },
    training: {
      concurrency: by("HEARTH_TRAINING_CONCURRENCY", config.training.concurrency),
      retries: by("HEARTH_TRAINING_RETRIES", config.training.retries),
      heartbeat_ms: by("HEARTH_TRAINING_HEARTBEAT", config.training.heartbeatMs),
      lease_ms: by("HEARTH_TRAINING_LEASE", config.training.leaseMs),
      yield: by("HEARTH_TRAINING_YIELD", config.training.yield),
      cooldown_above_celsius: by("HEARTH_TRAINING_COOLDOWN", config.training.cooldownAboveCelsius),
    },
    places: {
      home: by("HEARTH_HOME", config.home),
      config_file: join(config.home, "config.json"),
      database_kind: by("DATABASE_URL", config.database.kind),
      database: config.database.kind === "sqlite" ? config.database.path : hostAndName(config.database.url),
      artifacts: join(config.home, "artifacts"),
      storage_active: by("STORAGE_ACTIVE_PATH", storage.active),
      storage_archive: by("STORAGE_ARCHIVE_PATH", storage.archive),
      logs: join(config.home, "logs"),
      data_paths: by("HEARTH_DATA_PATHS", config.dataPaths),
    },
    chat: chatSettings(config),
    telemetry: {
      keep_content: by("HEARTH_KEEP_CONTENT", config.keepContent),
      // Collectors take tokens in the path, too.
      otlp_endpoint: by(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        config.otlpEndpoint === null ? null : new URL(config.otlpEndpoint).origin,
      ),
      log_level: by("LOG_LEVEL", config.logLevel),
    },
  };
}

function chatSettings({ chat, home }: Config): HubSettings["chat"] {
  const { transport } = chat;
  return {
    start: by("HEARTH_CHAT", chat.start),
    sidecars: by("HEARTH_CHAT_SIDECARS", chat.sidecars),
    transport: by("HEARTH_CHAT_TRANSPORT", transport.kind),
    place:
      transport.kind === "http"
        ? by("HEARTH_CHAT_PORT_FILE", transport.portFile)
        : by("HEARTH_CHAT_SOCKET", transport.path),
    port: by("HEARTH_CHAT_PORT", transport.kind === "http" ? transport.port : null),
    turns_per_minute: by("HEARTH_CHAT_RATE_LIMIT", chat.turnsPerMinute),
    limit_hub: by("HEARTH_CHAT_LIMIT_HUB", chat.limitHub),
    config_file: join(home, "chat.config.json"),
  };
}

function by<T>(variable: string, value: T): { value: T; variable: string } {
  return { value, variable };
}

function engines(config: Config): HubSettings["engines"] {
  const starter = existsSync(join(bundledModelsFolder, "ember", "ember.gguf"));
  const mlx = refusalOf(() => selectMlxServer(config.home, config.mlxServerUrl));
  const reasons: [string, string | null][] = [
    ["llama", llamaLibraryProblem()],
    ["mlx", mlx],
    ["ember", starter ? null : "The file of the starter model is not in this installation."],
  ];
  return reasons.map(([name, reason]) => ({ name, available: reason === null, reason }));
}

function refusalOf(select: () => unknown): string | null {
  try {
    select();
    return null;
  } catch (error) {
    return serialiseError(error).message;
  }
}

function bareAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`.replace(/\/$/, "");
}

/** Passwords stand before the host and in the query; an address of several hosts is no URL and not shown. */
function hostAndName(address: string): string {
  if (!URL.canParse(address)) return "(address not shown)";
  const { host, pathname } = new URL(address);
  return `${host}${pathname}`;
}
