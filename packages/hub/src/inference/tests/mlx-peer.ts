import { fileURLToPath } from "node:url";
import {
  environmentsFolder,
  readEnvironment,
  type MlxEnvironment,
} from "../engines/mlx/environment/environment.ts";

/** A home folder with nothing but the environment that `infra/peers/install-mlx.sh` makes. */
export const mlxPeerHome = fileURLToPath(new URL("../../../../../.cache/mlx-peer", import.meta.url));

/**
 * The Python of an environment with mlx-lm that the project's script has made; null with a printed reason where
 * there is none. Errors: in continuous integration it must be there.
 */
export function mlxPeer(): MlxEnvironment | null {
  const environment = readEnvironment(mlxPeerHome);
  if (environment !== null) return environment;
  const reason = `mlx-lm is not installed in ${environmentsFolder(mlxPeerHome)}; \`sh infra/peers/install-mlx.sh\` does it`;
  // oxlint-disable-next-line node/no-process-env -- a test may be skipped on a desk only
  if (process.env["CI"] === "true") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return null;
}
