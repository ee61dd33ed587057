import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Engine, ModelFormat } from "../inference/engine.ts";
import { LlamaEngine } from "../inference/engines/llama/engine.ts";
import { MlxEngine } from "../inference/engines/mlx/engine.ts";
import { selectMlxServer } from "../inference/engines/mlx/select-server.ts";

/** Engines take turns with the log files: enough that those alive together rarely share one. */
const engineLogs = 8;

/** The engine for each format of models, as the settings have it. It throws PlatformUnsupported where there is none. */
export function createEngines(
  config: Pick<Config, "home" | "threads" | "mlxServerUrl">,
): (format: ModelFormat) => Engine {
  let engines = 0;
  return (format) => {
    const common = {
      logFile: join(config.home, "logs", `engine-${(engines += 1) % engineLogs}.log`),
      recordsFolder: join(config.home, "processes", "engines"),
    };
    if (format === "mlx")
      return new MlxEngine({ server: selectMlxServer(config.home, config.mlxServerUrl), ...common });
    return new LlamaEngine({
      threads: config.threads,
      codeCacheFolder: join(config.home, "cache", "code"),
      cacheFolder: join(config.home, "cache", "prefixes"),
      ...common,
    });
  };
}
