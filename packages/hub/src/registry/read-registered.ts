import { sql } from "kysely";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import type {
  ModelAliasTable,
  ModelTagTable,
  ModelVersionTagTable,
  Stage,
} from "../storage/tables/registry.ts";
import type { Pair } from "./names.ts";
import type { ModelRow, VersionRow } from "./present.ts";

/** A version as MLflow's registry knows it. Times are ms since the epoch. */
export interface RegisteredVersion {
  name: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  description: string | null;
  userId: string | null;
  stage: Stage;
  source: string;
  runId: string;
  runLink: string | null;
  status: "READY" | "PENDING_REGISTRATION" | "FAILED_REGISTRATION";
  /** Why it failed. */
  statusMessage: string | null;
  tags: Pair[];
  /** Filled where one version is asked for. */
  aliases: string[];
}

/** A model as MLflow's registry knows it. */
export interface RegisteredModel {
  name: string;
  createdAt: number;
  updatedAt: number;
  description: string;
  /** The latest version of each stage that has one. */
  latestVersions: RegisteredVersion[];
  tags: Pair[];
  aliases: { alias: string; version: number }[];
}

/** Where the artifacts of a version are that the hub keeps the file of. */
const ownFiles = "mlflow-artifacts:/hub-versions/";

/** The source of a version, in SQL. */
export const sourceColumn = sql<string>`coalesce(model_versions.source, ${sql.lit(ownFiles)} || model_versions.id)`;

/** Of a name only: an id is no name in MLflow. Throws `not_found` in MLflow's words. */
export async function findRegistered(db: Queries, name: string): Promise<ModelRow> {
  const row = await db.selectFrom("models").selectAll().where("name", "=", name).executeTakeFirst();
  if (row !== undefined) return row;
  throw new HearthError("not_found", `Registered Model with name=${name} not found`, {
    details: { model: name },
  });
}

/** Throws `not_found` in MLflow's words. */
export async function findRegisteredVersion(
  db: Queries,
  name: string,
  version: number,
): Promise<{ model: ModelRow; version: VersionRow }> {
  const model = await db.selectFrom("models").selectAll().where("name", "=", name).executeTakeFirst();
  const row =
    model === undefined || version < 1 || version >= 2 ** 31
      ? undefined
      : await db
          .selectFrom("model_versions")
          .selectAll()
          .where("model_id", "=", model.id)
          .where("version", "=", version)
          .executeTakeFirst();
  if (model !== undefined && row !== undefined) return { model, version: row };
  throw new HearthError("not_found", `Model Version (name=${name}, version=${version}) not found`, {
    details: { model: name, version },
  });
}

const versionTags = new ListQuery<ModelVersionTagTable>(
  (dialect) =>
    `select version_id, key, value from model_version_tags where version_id ${anyOf(dialect)} order by key`,
);
const modelTags = new ListQuery<ModelTagTable>(
  (dialect) => `select model_id, key, value from model_tags where model_id ${anyOf(dialect)} order by key`,
);
const modelAliases = new ListQuery<ModelAliasTable>(
  (dialect) => `select * from model_aliases where model_id ${anyOf(dialect)} order by alias`,
);
const latestOfStages = new ListQuery<VersionRow>(
  (dialect) =>
    `select model_versions.* from model_versions join (
       select model_id, stage, max(version) as version from model_versions
       where model_id ${anyOf(dialect)} group by model_id, stage
     ) latest on latest.model_id = model_versions.model_id and latest.version = model_versions.version
     order by model_versions.version`,
);

/** Rows of versions as MLflow has them, in the same order. */
export async function readVersions(
  db: Queries,
  rows: readonly (VersionRow & { name: string })[],
): Promise<RegisteredVersion[]> {
  const tags = grouped(
    await versionTags.run(
      db,
      rows.map(({ id }) => id),
    ),
    ({ version_id }) => version_id,
  );
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    description: row.description,
    userId: row.user_id,
    stage: row.stage,
    source: row.source ?? `${ownFiles}${row.id}`,
    runId: row.source_run_id,
    runLink: row.run_link,
    status: statusOf(row.status),
    statusMessage: row.error === null ? null : messageOf(row.error),
    tags: (tags.get(row.id) ?? []).map(({ key, value }) => ({ key, value })),
    aliases: [],
  }));
}

/** One version, with its aliases. */
export async function readVersion(
  db: Queries,
  found: { model: ModelRow; version: VersionRow },
): Promise<RegisteredVersion> {
  const [version] = await readVersions(db, [{ ...found.version, name: found.model.name }]);
  if (version === undefined) throw new Error("unreachable: one row in, one version out");
  const aliases = await modelAliases.run(db, [found.model.id]);
  return {
    ...version,
    aliases: aliases.filter((alias) => alias.version === version.version).map(({ alias }) => alias),
  };
}

/** Rows of models as MLflow has them, in the same order. */
export async function readModels(db: Queries, rows: readonly ModelRow[]): Promise<RegisteredModel[]> {
  const ids = rows.map(({ id }) => id);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const tags = grouped(await modelTags.run(db, ids), ({ model_id }) => model_id);
  const aliases = grouped(await modelAliases.run(db, ids), ({ model_id }) => model_id);
  const latestRows = await latestOfStages.run(db, ids);
  const latest = await readVersions(
    db,
    latestRows.map((row) => ({ ...row, name: names.get(row.model_id) ?? "" })),
  );
  const latestByName = grouped(latest, ({ name }) => name);
  return rows.map((row) => ({
    name: row.name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    description: row.description,
    latestVersions: latestByName.get(row.name) ?? [],
    tags: (tags.get(row.id) ?? []).map(({ key, value }) => ({ key, value })),
    aliases: (aliases.get(row.id) ?? []).map(({ alias, version }) => ({ alias, version })),
  }));
}

export async function readModel(db: Queries, row: ModelRow): Promise<RegisteredModel> {
  const [model] = await readModels(db, [row]);
  if (model === undefined) throw new Error("unreachable: one row in, one model out");
  return model;
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

function statusOf(status: VersionRow["status"]): RegisteredVersion["status"] {
  if (status === "training") return "PENDING_REGISTRATION";
  return status === "failed" ? "FAILED_REGISTRATION" : "READY";
}

function messageOf(error: string): string | null {
  const value: unknown = JSON.parse(error);
  return typeof value === "object" && value !== null && "message" in value ? String(value.message) : null;
}
