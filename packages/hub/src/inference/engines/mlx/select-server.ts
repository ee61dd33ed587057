import { PlatformUnsupported } from "../../errors.ts";
import type { MlxEngineOptions } from "./engine.ts";
import { readEnvironment } from "./environment/environment.ts";
import { mlxDevice } from "./environment/platform.ts";

/**
 * The server for models in MLX's format: the one at `attachedUrl`, else one of the hub's own, with the environment
 * below its home folder.
 *
 * Errors: PlatformUnsupported where MLX cannot run, or is not installed.
 */
export function selectMlxServer(home: string, attachedUrl: string | null): MlxEngineOptions["server"] {
  if (attachedUrl !== null) return { attach: { url: attachedUrl, key: null } };
  mlxDevice(null);
  const environment = readEnvironment(home);
  if (environment !== null) return { environment };
  throw new PlatformUnsupported(
    "This model is in MLX's format, and mlx-lm is not installed. Run `hearth mlx install`, or set MLX_SERVER_URL to an mlx_lm.server that has the model.",
    { details: { engine: "mlx" } },
  );
}
