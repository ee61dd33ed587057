import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { HearthError } from "../../../../errors.ts";
import { hasCode } from "../../../../process/identity.ts";
import { mlxDevices } from "./platform.ts";

/** The version of mlx-lm that is installed when nobody asks for another, and that the tests run with. */
export const pinnedVersion = "0.32.2";

const environmentRecord = z.object({
  /** Of the environment, below the folder of all of them. */
  folder: z.string().regex(/^[\w.-]{1,128}$/),
  device: z.enum(mlxDevices),
  /** Of mlx-lm. */
  version: z.string(),
  /** Of MLX itself. */
  mlx: z.string(),
  python: z.string(),
  installed_at: z.iso.datetime(),
});
export type EnvironmentRecord = z.infer<typeof environmentRecord>;

/** A Python environment with mlx-lm that is complete and was tried. */
export interface MlxEnvironment extends EnvironmentRecord {
  /** Absolute path of its interpreter. */
  interpreter: string;
}

/** Where the environments of a hub are; `home` is the hub's home folder. */
export function environmentsFolder(home: string): string {
  return join(home, "mlx");
}

/** Names the environment that counts; one that it does not name is unfinished or old. */
export function recordFile(home: string): string {
  return join(environmentsFolder(home), "environment.json");
}

export function interpreterOf(folder: string): string {
  return join(folder, "bin", "python");
}

/**
 * The installed environment, or null when there is none. A small file, read at once: engines are chosen without a wait.
 * Errors: `configuration_invalid` when its record cannot be read.
 */
export function readEnvironment(home: string): MlxEnvironment | null {
  if (!isAbsolute(home)) throw new HearthError("internal", `${home} is not an absolute path.`);
  const file = recordFile(home);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const parsed = environmentRecord.safeParse(jsonOrNull(text));
  if (!parsed.success) {
    throw new HearthError(
      "configuration_invalid",
      `${file} does not describe an environment of mlx-lm. Run \`hearth mlx install --again\`.`,
      { cause: parsed.error, details: { file } },
    );
  }
  const interpreter = interpreterOf(join(environmentsFolder(home), parsed.data.folder));
  return { ...parsed.data, interpreter };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
