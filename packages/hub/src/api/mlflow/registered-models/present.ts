import type { RegisteredModel, RegisteredVersion } from "../../../registry/read-registered.ts";
import { compact } from "../compact.ts";

/** A registered model in MLflow's JSON. */
export function presentModel(model: RegisteredModel): object {
  return compact({
    name: model.name,
    creation_timestamp: model.createdAt,
    last_updated_timestamp: model.updatedAt,
    description: model.description === "" ? undefined : model.description,
    latest_versions: model.latestVersions.map(presentVersion),
    tags: model.tags,
    aliases: model.aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
  });
}

/** A version in MLflow's JSON. */
export function presentVersion(version: RegisteredVersion): object {
  return compact({
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdAt,
    last_updated_timestamp: version.updatedAt,
    user_id: version.userId,
    current_stage: version.stage,
    description: version.description,
    source: version.source,
    run_id: version.runId,
    status: version.status,
    status_message: version.statusMessage,
    tags: version.tags,
    run_link: version.runLink,
    aliases: version.aliases,
  });
}
