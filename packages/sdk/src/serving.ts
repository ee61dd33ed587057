import { runningRequests, type RunningRequest } from "@hearth/wire/hub/serving";
import {
  engineEvents,
  servingCache,
  servingStatistics,
  type EngineEvent,
  type ServingCache,
  type ServingStatistics,
  type StatisticsWindow,
} from "@hearth/wire/hub/serving-statistics";
import { segment, type CallOptions, type Transport } from "./transport.ts";

/** What is being answered right now, and how it went before. */
export class ServingClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** The oldest first. */
  async requests(options: CallOptions = {}): Promise<RunningRequest[]> {
    return (await this.transport.json(runningRequests, "GET", "/serving/requests", options)).items;
  }

  /** What each model did in the last `5m`, `1h` or `24h`, in all and over time. */
  statistics(window: StatisticsWindow = "1h", options: CallOptions = {}): Promise<ServingStatistics> {
    return this.transport.json(servingStatistics, "GET", "/serving/statistics", {
      ...options,
      query: { window },
    });
  }

  /** Loads, evictions and crashes since the start of the hub, the newest first. */
  async events(options: CallOptions = {}): Promise<EngineEvent[]> {
    return (await this.transport.json(engineEvents, "GET", "/serving/events", options)).items;
  }

  /** Computed beginnings of prompts that are kept on disk. */
  cache(options: CallOptions = {}): Promise<ServingCache> {
    return this.transport.json(servingCache, "GET", "/serving/cache", options);
  }

  /** Its client gets an error that says so. */
  cancel(traceId: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("DELETE", `/serving/requests/${segment(traceId)}`, options);
  }
}
