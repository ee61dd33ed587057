import type { ChatSettings } from "./chat.ts";
import type { ProviderConfig } from "./providers.ts";
import type { TrainingSettings } from "./training.ts";

/** Everything about this hub that a person can set. Built once, at the start, by `loadConfig`. */
export interface Config {
  /** Folder of the database, models, artifacts and logs; only its owner may enter. */
  home: string;
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Host names that requests may carry beside the loopback names and `host`. */
  allowedHosts: string[];
  apiKey: string | null;
  database: { kind: "sqlite"; path: string } | { kind: "postgres"; url: string };
  storage: { active: string; archive: string };
  /** Folders that data sets and model files may be read from. */
  dataPaths: string[];
  /** Bytes that engines and training may use together. */
  memoryLimitBytes: number;
  /** Threads of an engine and of a training job. */
  threads: number;
  /** Requests decoded together per context, of models that do not say it themselves; null: chosen from the machine. */
  slots: number | null;
  /** Tokens of a request and its answer, likewise. */
  contextSize: number | null;
  /** How the key/value cache is kept, likewise; null: F16. */
  kvCacheType: "f16" | "q8_0" | null;
  /** Requests that may wait: for one model, for all of them, and of one client. Beyond that they are refused. */
  waiting: { perModel: number; inAll: number; perClient: number };
  /** An engine that nobody asked for this long is unloaded. */
  keepAliveMs: number;
  /** Keep an engine process without a model, so that the first load is quick. */
  spareEngine: boolean;
  /** Other servers whose models this hub answers with. Holds their keys. */
  providers: ProviderConfig[];
  /** Keep what is asked and answered with each answer's trace, up to 64 Ki characters each? */
  keepContent: boolean;
  /** Where spans of answers go, by OTLP over HTTP; null: nowhere. */
  otlpEndpoint: string | null;
  /** An mlx_lm.server that runs already and answers for models in MLX's format; null: the hub runs its own. */
  mlxServerUrl: string | null;
  chat: ChatSettings;
  training: TrainingSettings;
  logLevel: LogLevel;
  /** Register the starter model when it is there and the registry has none. */
  bundledModels: boolean;
  /** Things worth a line in the log at the start. */
  warnings: string[];
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Is this address reachable from this machine only? */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
