import type { HubSettings } from "@hearth/wire/hub/settings";
import { formatBytes, formatCount, formatSeconds } from "../../components/format.ts";

export interface SettingRow {
  name: string;
  value: string;
  /** Null: it follows from another one. */
  variable: string | null;
}

export interface SettingGroup {
  title: string;
  rows: SettingRow[];
}

const chosen = "chosen by the hub";
const waysToYield = {
  off: "go on at full speed",
  slow: "compute a quarter of the time",
  pause: "wait between their steps",
} as const;
const serviceStarts = {
  off: "never",
  "on-demand": "from the first turn on",
  always: "as long as the hub",
} as const;

/** The settings in the order and the words of the page. */
export function readSettings({
  keys,
  limits,
  training,
  chat,
  places,
  telemetry,
}: HubSettings): SettingGroup[] {
  const count = (value: number | null) => (value === null ? chosen : formatCount(value));
  return [
    {
      title: "Access",
      rows: [
        row("API key", keys.api_key_set, (set) => (set ? "set" : "not set: this machine only")),
        row("Listens on", keys.host, String),
        row("Port", keys.port, String),
        row("Further host names", keys.allowed_hosts, list),
      ],
    },
    {
      title: "Limits",
      rows: [
        row("Memory for models and training", limits.memory_bytes, formatBytes),
        row("Threads", limits.threads, count),
        row("Slots of a model", limits.slots, count),
        row("Context of a model", limits.context, count),
        row("KV cache", limits.kv_cache_type, (type) => type ?? chosen),
        row("Unused models stay for", limits.keep_alive_ms, (milliseconds) =>
          milliseconds === null ? "until their room is needed" : formatSeconds(milliseconds / 1000),
        ),
        row("Waiting for one model", limits.waiting_per_model, count),
        row("Waiting in all", limits.waiting_in_all, count),
        row("Waiting of one client", limits.waiting_per_client, count),
      ],
    },
    {
      title: "Training",
      rows: [
        row("Jobs at a time", training.concurrency, count),
        row("A job that was lost is tried again", training.retries, (retries) =>
          retries === 0 ? "never" : `${formatCount(retries)} times`,
        ),
        row("A silent trainer is lost after", training.heartbeat_ms, (ms) => formatSeconds(ms / 1000)),
        row("The job of a silent hub is taken after", training.lease_ms, (ms) => formatSeconds(ms / 1000)),
        row("While people wait for answers, jobs", training.yield, (way) => waysToYield[way]),
        row("Jobs wait for the machine to cool above", training.cooldown_above_celsius, (celsius) =>
          celsius === null ? "never" : `${celsius} °C`,
        ),
      ],
    },
    {
      title: "Chat",
      rows: [
        row("The AI service runs", chat.start, (start) => serviceStarts[start]),
        row("Sidecars", chat.sidecars, count),
        row("They listen on", chat.transport, (kind) =>
          kind === "http" ? "a port of this machine" : `a ${kind}`,
        ),
        row(chat.port.value === null ? "Place" : "Port file", chat.place, String),
        ...(chat.port.value === null
          ? []
          : [row("Port", chat.port, (port) => (port === 0 ? "chosen by the system" : String(port)))]),
        row("Turns of one client in a minute", chat.turns_per_minute, (limit) =>
          limit === 0 ? "no limit" : formatCount(limit),
        ),
        row("The limit counts this hub's models", chat.limit_hub, (counts) => (counts ? "yes" : "no")),
        { name: "Providers", value: chat.config_file, variable: null },
      ],
    },
    {
      title: "Where the data is",
      rows: [
        row("Home", places.home, String),
        row("Database", places.database_kind, (kind) => `${kind}: ${places.database}`),
        { name: "Artifacts", value: places.artifacts, variable: null },
        row("Running jobs", places.storage_active, String),
        row("Finished jobs", places.storage_archive, String),
        { name: "Logs", value: places.logs, variable: null },
        row("Folders that files may come from", places.data_paths, list),
      ],
    },
    {
      title: "Telemetry",
      rows: [
        row("Questions and answers are kept", telemetry.keep_content, (kept) => (kept ? "yes" : "no")),
        row("Traces go to", telemetry.otlp_endpoint, (endpoint) => endpoint ?? "nowhere else"),
        row("Log level", telemetry.log_level, String),
      ],
    },
  ];
}

function row<T>(
  name: string,
  setting: { value: T; variable: string },
  show: (value: T) => string,
): SettingRow {
  return { name, value: show(setting.value), variable: setting.variable };
}

function list(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.join(", ");
}
