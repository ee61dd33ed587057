import type { Addressed } from "../api/services.ts";
import { HearthError } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { ServedVersion } from "../registry/served-version.ts";

/**
 * The version that a request means: the one that `model` names, or the adapter that `adapter` names
 * beside it. Throws what the registry throws, and `invalid_request` for an adapter made for another base.
 */
export async function askedVersion(
  registry: Pick<Registry, "served" | "resolve" | "baseOf">,
  { model, adapter = null }: Addressed,
): Promise<ServedVersion> {
  const version = await registry.served(model);
  if (adapter === null) return version;
  const found = await registry.resolve(adapter);
  const base = await registry.baseOf(version);
  const own = await registry.baseOf(found);
  if (found.kind === "adapter" && own.id === base.id) return await registry.served(adapter);
  const name = `${found.model}:${found.version}`;
  const reason =
    found.kind === "adapter"
      ? `${name} is an adapter for ${own.model}:${own.version}, and ${model} runs on ${base.model}:${base.version}`
      : `${name} is no adapter`;
  throw new HearthError("invalid_request", `adapter does not fit: ${reason}. Name it in model instead.`, {
    details: { field: "adapter" },
  });
}
