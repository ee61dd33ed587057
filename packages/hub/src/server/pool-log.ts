import type { PoolEvent } from "../inference/pool.ts";
import type { Logger } from "../telemetry/log.ts";

/** What happens to engines, as log lines. */
export function poolEventLog(log: Logger): (event: PoolEvent) => void {
  return (event) => {
    switch (event.type) {
      case "loaded":
        log.info({ base: event.base, ms: Math.round(event.milliseconds) }, "model loaded");
        break;
      case "unloaded":
        log.info({ base: event.base, reason: event.reason }, "model unloaded");
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
