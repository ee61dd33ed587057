import type { Health } from "@hearth/wire/hub/health";
import type { MachineState } from "@hearth/wire/hub/machine";
import type { HubStatus } from "@hearth/wire/hub/status";
import type { Operations } from "../api/services.ts";
import type { Config } from "../config/config.ts";
import type { Pool } from "../inference/pool.ts";
import type { PoolStatus } from "../inference/pool-status.ts";
import type { Remotes } from "../inference/remotes/remotes.ts";
import type { Database } from "../storage/database.ts";
import type { EventLoopWatch } from "../telemetry/event-loop.ts";
import type { Logger } from "../telemetry/log.ts";
import type { MachineWatch } from "../telemetry/machine/machine-watch.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Jobs } from "../training/training.ts";
import { version } from "../version.ts";
import { providerStatus } from "./provider-status.ts";
import { effectiveSettings } from "./settings.ts";
import { engineState } from "./serving.ts";
import { countRows, namesByChecksum } from "./row-counts.ts";

export interface OperationsDependencies {
  config: Config;
  database: Database;
  pool: Pick<Pool, "status">;
  remotes: Pick<Remotes, "status">;
  jobs: Pick<Jobs, "counts" | "list" | "waiting">;
  metrics: Metrics;
  eventLoop: EventLoopWatch;
  machine: Pick<MachineWatch, "read" | "history">;
  /** What of the memory budget a training job holds. */
  jobBytes: () => number;
  log: Logger;
  url: () => string;
  ready: () => boolean;
  shutdown: () => void;
}

const shownJobs = 20;

/** Health, status and metrics, put together from the rooms' own readings. */
export function createOperations(dependencies: OperationsDependencies): Operations {
  const { config, database, pool, remotes, jobs, metrics, eventLoop, machine, log } = dependencies;

  const databaseState = async (): Promise<Health["database"]> => {
    try {
      await database.ping();
      return "ok";
    } catch (error) {
      log.error({ err: error }, "the database does not answer");
      return "unreachable";
    }
  };

  const health = async (): Promise<Health> => {
    const state = await databaseState();
    const loaded = await pool.status();
    const reachable = state === "ok";
    const names = reachable ? await namesByChecksum(database, checksums(loaded)) : new Map<string, string>();
    return {
      status: reachable && loaded.quarantined.length === 0 ? "ok" : "degraded",
      version,
      uptime_seconds: process.uptime(),
      database: state,
      jobs: reachable ? await jobs.counts() : { queued: 0, running: 0 },
      engines: loaded.engines.map((engine) => engineState(engine, names.get(engine.base) ?? engine.base)),
      memory: {
        hub_bytes: process.memoryUsage.rss(),
        budget_bytes: loaded.budgetBytes,
        used_bytes: loaded.usedBytes,
      },
    };
  };

  const status = async (): Promise<HubStatus> => {
    const [state, loaded, reading, running, queued] = await Promise.all([
      health(),
      pool.status(),
      machine.read(),
      jobs.list({ page: 1, page_size: 1, status: "running" }),
      jobs.waiting(shownJobs),
    ]);
    return {
      ...state,
      url: dependencies.url(),
      home: config.home,
      pid: process.pid,
      inference: { active: loaded.active, queued: loaded.waiting },
      providers: providerStatus(remotes),
      running_job: running.items[0] ?? null,
      // The one that runs next comes first.
      queued_jobs: queued,
      machine: reading,
    };
  };

  const machineState = async (): Promise<MachineState> => {
    const [loaded, now] = await Promise.all([pool.status(), machine.read()]);
    const job = dependencies.jobBytes();
    return {
      now,
      budget: {
        total_bytes: loaded.budgetBytes,
        models_bytes: loaded.usedBytes - job,
        job_bytes: job,
      },
      history: machine.history(),
    };
  };

  const scrape = async (): Promise<{ contentType: string; text: string }> => {
    const [loaded, counts, reading] = await Promise.all([pool.status(), countRows(database), machine.read()]);
    const names = await namesByChecksum(database, checksums(loaded));
    metrics.read({
      jobs: counts.jobs,
      models: counts.models,
      versions: counts.versions,
      engines: loaded.engines.map((engine) => ({
        base: names.get(engine.base) ?? engine.base,
        memoryBytes: engine.memoryBytes,
      })),
      inference: { active: loaded.active, queued: loaded.waiting },
      providers: providerStatus(remotes),
      evictions: loaded.evictions,
      engineCrashes: loaded.crashes,
      memory: { budgetBytes: loaded.budgetBytes, usedBytes: loaded.usedBytes },
      machine: reading,
      eventLoopDelaySeconds: eventLoop.read(),
    });
    return { contentType: metrics.contentType, text: await metrics.text() };
  };

  const settings = () => Promise.resolve(effectiveSettings(config));

  return {
    health,
    status,
    machine: machineState,
    settings,
    ready: dependencies.ready,
    metrics: scrape,
    shutdown: dependencies.shutdown,
  };
}

function checksums({ engines }: PoolStatus): string[] {
  return engines.map((engine) => engine.base);
}
