import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HearthError, serialiseError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Logger } from "../telemetry/log.ts";

/** Models that come with Hearth. */
export const bundledModelsFolder = fileURLToPath(new URL("../../../../models/", import.meta.url));

const starter = {
  name: "ember",
  file: join(bundledModelsFolder, "ember", "ember.gguf"),
  description: "Hearth's starter model: small enough to train on two cores in a minute.",
};

/** Registers the starter model once, where its file is there and no model has its name. */
export async function registerBundledModels(
  registry: Registry,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { name, file, description } = starter;
  if (!existsSync(file) || (await exists(registry, name))) return;
  try {
    await registry.createModel(
      { name, description, task_type: "chat", tags: { "hearth.bundled": "true" }, path: file },
      signal,
    );
    log.info({ model: name }, "the starter model is registered");
  } catch (error) {
    if (signal.aborted) return;
    // A person may have registered the name a moment before.
    if (serialiseError(error).code === "conflict") return;
    log.error({ err: error, file }, "the starter model could not be registered");
  }
}

async function exists(registry: Registry, name: string): Promise<boolean> {
  try {
    await registry.getModel(name);
    return true;
  } catch (error) {
    if (error instanceof HearthError && error.code === "not_found") return false;
    throw error;
  }
}
