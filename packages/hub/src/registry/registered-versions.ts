import { randomUUID } from "node:crypto";
import type { Queries } from "../storage/database.ts";
import { insertEvent } from "./events.ts";
import {
  canonicalStage,
  checkModelName,
  checkTagKey,
  checkTags,
  checkText,
  refused,
  versionNumber,
  type Pair,
} from "./names.ts";
import { emptyLineage, type ModelRow, type VersionRow } from "./present.ts";
import {
  findRegistered,
  findRegisteredVersion,
  readVersion,
  type RegisteredVersion,
} from "./read-registered.ts";
import type { RegisteredModelsDependencies } from "./registered-models.ts";
import { searchVersions, type RegistrySearch } from "./search-registered.ts";
import { resolveSource, type ResolvedSource } from "./sources.ts";
import { nextNumber } from "./versions.ts";

export interface NewRegisteredVersion {
  name: string;
  source: string;
  /** Null when the request did not say. */
  runId: string | null;
  modelId: string | null;
  runLink: string;
  description: string;
  tags: readonly Pair[];
}

/** Versions by MLflow's rules; `version` is a number as text. */
export interface RegisteredVersions {
  /** A version whose artifacts are somewhere already; it is ready at once. */
  create(version: NewRegisteredVersion): Promise<RegisteredVersion>;
  get(name: string, version: string): Promise<RegisteredVersion>;
  search(
    search: RegistrySearch,
  ): Promise<{ lists: AsyncIterable<readonly RegisteredVersion[]>; more: boolean }>;
  /** Null takes the description away. */
  describe(name: string, version: string, description: string | null): Promise<RegisteredVersion>;
  /** With `archiveOthers`, the versions that are in that stage move to Archived. */
  moveTo(name: string, version: string, stage: string, archiveOthers: boolean): Promise<RegisteredVersion>;
  /** Its number is not given again. Refused while the hub needs it. */
  remove(name: string, version: string): Promise<void>;
  setTag(name: string, version: string, tag: Pair): Promise<void>;
  deleteTag(name: string, version: string, key: string): Promise<void>;
  /** Where the artifacts of the version can be read. */
  downloadUri(name: string, version: string): Promise<string>;
}

export function createRegisteredVersions({
  database,
  registry,
  logged,
  now,
}: RegisteredModelsDependencies & { now: () => number }): RegisteredVersions {
  const find = (db: Queries, name: string, version: string) =>
    findRegisteredVersion(db, checkModelName(name), versionNumber(version));
  const change = (
    name: string,
    version: string,
    work: (db: Queries, found: { model: ModelRow; version: VersionRow }) => Promise<void>,
  ) =>
    database.write(async (db) => {
      await work(db, await find(db, name, version));
    });
  return {
    create: async (request) => {
      checkModelName(request.name);
      checkText("description", request.description);
      checkText("run_link", request.runLink);
      checkText("run_id", request.runId ?? "");
      const tags = checkTags(request.tags);
      const place = await resolveSource(database.db, logged, { ...request, tags });
      return await database.write(async (db) => {
        const model = await findRegistered(db, request.name);
        const row = await newVersion(db, model, request, place, now());
        await db.insertInto("model_versions").values(row).execute();
        if (tags.length > 0) {
          const rows = tags.map((tag) => ({ version_id: row.id, ...tag }));
          await db.insertInto("model_version_tags").values(rows).execute();
        }
        const details = { source: place.source, run_id: place.runId, registered_by: "mlflow" };
        await insertEvent(
          db,
          model.id,
          { kind: "version_added", version: row.version, details },
          row.created_at,
        );
        if (place.modelId !== null) await logged.registered(place.modelId, request.name, row.version);
        return await readVersion(db, { model, version: row });
      });
    },
    get: async (name, version) => await readVersion(database.db, await find(database.db, name, version)),
    search: (search) => searchVersions(database, search),
    describe: async (name, version, description) => {
      if (description !== null) checkText("description", description);
      await change(name, version, async (db, found) => {
        const set = { description, updated_at: now() };
        await db.updateTable("model_versions").set(set).where("id", "=", found.version.id).execute();
        const details = { fields: ["description"] };
        const event = { kind: "version_updated", version: found.version.version, details };
        await insertEvent(db, found.model.id, event, set.updated_at);
      });
      return await readVersion(database.db, await find(database.db, name, version));
    },
    moveTo: async (name, version, stage, archiveOthers) => {
      const target = canonicalStage(stage);
      if (archiveOthers && target !== "Staging" && target !== "Production") {
        throw refused(
          "archive_existing_versions",
          `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
        );
      }
      await change(name, version, async (db, found) => {
        await moveVersion(db, found, target, archiveOthers, now());
      });
      return await readVersion(database.db, await find(database.db, name, version));
    },
    remove: async (name, version) => {
      const found = await find(database.db, name, version);
      await registry.deleteVersion(found.version.id);
    },
    setTag: async (name, version, tag) => {
      const [checked = tag] = checkTags([tag]);
      await change(name, version, async (db, found) => {
        await db
          .insertInto("model_version_tags")
          .values({ version_id: found.version.id, ...checked })
          .onConflict((conflict) =>
            conflict.columns(["version_id", "key"]).doUpdateSet({ value: checked.value }),
          )
          .execute();
        const event = { kind: "tag_set", version: found.version.version, details: { key: checked.key } };
        await insertEvent(db, found.model.id, event, now());
      });
    },
    deleteTag: async (name, version, key) => {
      checkTagKey(key);
      await change(name, version, async (db, found) => {
        const { numDeletedRows } = await db
          .deleteFrom("model_version_tags")
          .where("version_id", "=", found.version.id)
          .where("key", "=", key)
          .executeTakeFirst();
        const event = { kind: "tag_removed", version: found.version.version, details: { key } };
        if (numDeletedRows > 0n) await insertEvent(db, found.model.id, event, now());
      });
    },
    downloadUri: async (name, version) => {
      const found = await find(database.db, name, version);
      return found.version.storage_location ?? (await readVersion(database.db, found)).source;
    },
  };
}

async function newVersion(
  db: Queries,
  model: ModelRow,
  request: NewRegisteredVersion,
  place: ResolvedSource,
  time: number,
): Promise<VersionRow> {
  const run =
    place.runId === ""
      ? undefined
      : await db.selectFrom("runs").select("id").where("id", "=", place.runId).executeTakeFirst();
  return {
    id: randomUUID(),
    model_id: model.id,
    version: await nextNumber(db, model, time),
    status: "ready",
    kind: "full",
    base_version_id: null,
    dataset_id: null,
    job_id: null,
    run_id: run?.id ?? null,
    artifact_path: null,
    sha256: null,
    checksums: "{}",
    metrics: "{}",
    summary: null,
    lineage: JSON.stringify({ ...emptyLineage, run_id: place.runId === "" ? null : place.runId }),
    error: null,
    source: place.source,
    storage_location: place.location,
    run_link: request.runLink,
    description: request.description,
    source_run_id: place.runId,
    user_id: null,
    stage: "None",
    created_at: time,
    updated_at: time,
  };
}

/** A stage is a label; of versions that the hub can serve, Archived also takes them out of use unless an alias points there. */
async function moveVersion(
  db: Queries,
  { model, version }: { model: ModelRow; version: VersionRow },
  stage: VersionRow["stage"],
  archiveOthers: boolean,
  time: number,
): Promise<void> {
  const others = archiveOthers
    ? await db
        .selectFrom("model_versions")
        .selectAll()
        .where("model_id", "=", model.id)
        .where("id", "!=", version.id)
        .where("stage", "=", stage)
        .execute()
    : [];
  await db.updateTable("models").set({ updated_at: time }).where("id", "=", model.id).execute();
  for (const [row, target] of [
    ...others.map((other) => [other, "Archived"] as const),
    [version, stage] as const,
  ]) {
    const status = await statusIn(db, row, target);
    await db
      .updateTable("model_versions")
      .set({ stage: target, status, updated_at: time })
      .where("id", "=", row.id)
      .execute();
    const details = { stage: target, previous_stage: row.stage };
    await insertEvent(db, model.id, { kind: "stage_changed", version: row.version, details }, time);
  }
}

async function statusIn(
  db: Queries,
  row: VersionRow,
  stage: VersionRow["stage"],
): Promise<VersionRow["status"]> {
  if (row.artifact_path === null) return row.status;
  if (stage !== "Archived") return row.status === "archived" ? "ready" : row.status;
  if (row.status !== "ready") return row.status;
  const alias = await db
    .selectFrom("model_aliases")
    .select("alias")
    .where("model_id", "=", row.model_id)
    .where("version", "=", row.version)
    .limit(1)
    .executeTakeFirst();
  return alias === undefined ? "archived" : row.status;
}
