import { readFileSync } from "node:fs";
import { HearthError } from "../errors.ts";

export interface ConfigFile {
  settings: Record<string, string>;
  /** As it is in the file: nothing of it has been checked. */
  providers: unknown;
}

/**
 * Settings from a JSON file: an object of variable names and strings, numbers or booleans, and `providers`.
 * A missing file is no settings; a broken one stops the start with its path and the reason.
 */
export function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return { settings: {}, providers: undefined };
    throw new HearthError(
      "configuration_invalid",
      `The configuration file ${path} cannot be read. Check its permissions.`,
      { cause: error, details: { path } },
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new HearthError(
      "configuration_invalid",
      `The configuration file ${path} is not JSON: ${String(error)}.`,
      { cause: error, details: { path } },
    );
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new HearthError(
      "configuration_invalid",
      `The configuration file ${path} must hold one JSON object such as {"HEARTH_PORT": 4747}.`,
      { details: { path } },
    );
  }
  const settings: Record<string, string> = {};
  let providers: unknown;
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "providers") {
      providers = value;
      continue;
    }
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new HearthError(
        "configuration_invalid",
        `${name} in ${path} must be a string, a number, true or false.`,
        { details: { path, variable: name } },
      );
    }
    if (
      !/^(HEARTH_[A-Z_]+|DATABASE_URL|MLX_SERVER_URL|ARTIFACT_ROOT|STORAGE_(ACTIVE|ARCHIVE)_PATH|LOG_LEVEL)$/.test(
        name,
      ) ||
      name === "HEARTH_HOME"
    ) {
      throw new HearthError(
        "configuration_invalid",
        `${name} in ${path} is not a setting that the file may hold.`,
        { details: { path, variable: name } },
      );
    }
    settings[name] = String(value);
  }
  return { settings, providers };
}
