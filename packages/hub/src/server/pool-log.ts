import type { PoolEvent } from "../inference/pool.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Logger } from "../telemetry/log.ts";

/** What happens to engines, as log lines and metrics. */
export function poolEventLog(log: Logger, metrics: Metrics): (event: PoolEvent) => void {
  return (event) => {
    switch (event.type) {
      case "round":
        metrics.engineBatch.observe(event.sequences);
        break;
      case "loaded":
        metrics.engineLoads.observe(event.milliseconds / 1000);
        log.info({ base: event.base, ms: Math.round(event.milliseconds) }, "model loaded");
        break;
      case "unloaded":
        log.info({ base: event.base, reason: event.reason }, "model unloaded");
        break;
      case "load_failed":
        log.warn({ base: event.base, err: event.error }, "model could not be loaded");
        break;
      case "lost":
        log.error({ base: event.base, err: event.error }, "engine process lost");
        break;
      case "quarantined":
        log.error({ base: event.base, reason: event.reason }, "model is not tried again");
        break;
    }
  };
}
