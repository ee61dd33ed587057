import { z } from "zod";

/** A value and the environment variable (or field of `config.json`) that sets it. */
function setting<T extends z.ZodType>(value: T) {
  return z.strictObject({ value, variable: z.string() });
}

/** An engine of this hub; what keeps it from running here, or null. */
export const engineAvailability = z.strictObject({
  name: z.string(),
  available: z.boolean(),
  reason: z.string().nullable(),
});

/** How the hub runs. Strict all the way down, so that no secret can come along with it. */
export const hubSettings = z.strictObject({
  keys: z.strictObject({
    /** Whether requests need a key; the key itself is never told. */
    api_key_set: setting(z.boolean()),
    host: setting(z.string()),
    port: setting(z.int()),
    allowed_hosts: setting(z.array(z.string())),
  }),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      urls: z.array(z.string()),
      /** The variable that holds the key; null: none is named. */
      key_variable: z.string().nullable(),
      key_set: z.boolean(),
      concurrency: z.int(),
      timeout_ms: z.number(),
    }),
  ),
  engines: z.array(engineAvailability),
  limits: z.strictObject({
    memory_bytes: setting(z.int()),
    threads: setting(z.int()),
    /** Null: chosen from the machine. */
    slots: setting(z.int().nullable()),
    context: setting(z.int().nullable()),
    kv_cache_type: setting(z.enum(["f16", "q8_0"]).nullable()),
    /** Null: until its room is needed. */
    keep_alive_ms: setting(z.number().nullable()),
    waiting_per_model: setting(z.int()),
    waiting_in_all: setting(z.int()),
    waiting_per_client: setting(z.int()),
  }),
  training: z.strictObject({
    concurrency: setting(z.int()),
    retries: setting(z.int()),
    heartbeat_ms: setting(z.number()),
    lease_ms: setting(z.number()),
    yield: setting(z.enum(["off", "slow", "pause"])),
    /** Null: never. */
    cooldown_above_celsius: setting(z.number().nullable()),
  }),
  places: z.strictObject({
    home: setting(z.string()),
    config_file: z.string(),
    database_kind: setting(z.enum(["sqlite", "postgres"])),
    /** A file, or host and name of a database without user and password. */
    database: z.string(),
    artifacts: z.string(),
    storage_active: setting(z.string()),
    storage_archive: setting(z.string()),
    logs: z.string(),
    data_paths: setting(z.array(z.string())),
  }),
  chat: z.strictObject({
    start: setting(z.enum(["off", "on-demand", "always"])),
    sidecars: setting(z.int()),
    transport: setting(z.enum(["socket", "http", "pipe"])),
    /** The socket, the pipe, or the file that tells the port. */
    place: setting(z.string()),
    /** 0: the system chooses. Null for a socket or a pipe. */
    port: setting(z.int().nullable()),
    turns_per_minute: setting(z.int()),
    limit_hub: setting(z.boolean()),
    config_file: z.string(),
  }),
  telemetry: z.strictObject({
    keep_content: setting(z.boolean()),
    /** Without user, password and query. */
    otlp_endpoint: setting(z.string().nullable()),
    log_level: setting(z.string()),
  }),
});
export type HubSettings = z.infer<typeof hubSettings>;
