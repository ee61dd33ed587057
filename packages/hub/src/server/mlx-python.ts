import { readEnvironment, type MlxEnvironment } from "../inference/engines/mlx/environment/environment.ts";
import { mlxDevice } from "../inference/engines/mlx/environment/platform.ts";
import { PlatformUnsupported } from "../inference/errors.ts";

/**
 * The environment that models in MLX's format are trained in: that of the engine.
 * Errors: PlatformUnsupported with the reason.
 */
export function mlxPython(home: string, attachedUrl: string | null): MlxEnvironment {
  mlxDevice(null);
  // What was trained is compared with the engine token by token, and one that is attached takes no tokens.
  if (attachedUrl !== null)
    throw missing("MLX_SERVER_URL attaches a server that cannot check what is made; unset it");
  const environment = readEnvironment(home);
  if (environment === null) throw missing("mlx-lm is not installed; `hearth mlx install` does it");
  return environment;
}

function missing(reason: string): PlatformUnsupported {
  return new PlatformUnsupported(reason, { details: { engine: "mlx" } });
}
