import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { insertEvent } from "./events.ts";
import { importModelFile, type ImportedFile } from "./import-model-file.ts";
import { emptyLineage, presentVersions, type ModelRow, type VersionRow } from "./present.ts";
import { findModel, findVersion, findVersionById } from "./references.ts";
import type { CreateVersion, Registry, RegistryContext } from "./registry.ts";
import { createServedVersions } from "./served-version.ts";
import { setVersionTags, tagsOfVersion } from "./version-tags.ts";

type VersionOperations = Pick<
  Registry,
  | "versions"
  | "getVersion"
  | "resolve"
  | "served"
  | "baseOf"
  | "createVersion"
  | "markReady"
  | "markFailed"
  | "archiveVersion"
  | "recordMetrics"
  | "importVersion"
>;

export function createVersions(context: RegistryContext): VersionOperations {
  const { database, artifacts, now } = context;
  const findServed = createServedVersions();
  const present = async (found: { model: ModelRow; version: VersionRow }): Promise<ModelVersion> => {
    const [shown] = await presentVersions(database.db, artifacts, found.model, [found.version]);
    if (shown === undefined) throw new Error("unreachable: one row in, one version out");
    return shown;
  };
  /** Changes a version that is in one of the states `from`, and tells the history. */
  const change = (
    versionId: string,
    from: readonly VersionRow["status"][],
    set: (row: VersionRow, db: Queries) => Promise<Partial<VersionRow>> | Partial<VersionRow>,
    event: { kind: string; details: Record<string, unknown> } | null,
  ): Promise<ModelVersion> =>
    database.transaction(async (db) => {
      // First the write: it is the lock that lets changes of one version follow each other.
      await db.updateTable("model_versions").set({ updated_at: now() }).where("id", "=", versionId).execute();
      const found = await findVersionById(db, versionId);
      if (found === undefined) throw unknownVersion(versionId);
      const { model, version } = found;
      if (!from.includes(version.status)) {
        throw new HearthError(
          "conflict",
          `${model.name}:${version.version} is ${version.status}; this needs a version that is ${from.join(" or ")}.`,
          { details: { model: model.name, version: version.version, status: version.status } },
        );
      }
      const changed = await set(version, db);
      await db.updateTable("model_versions").set(changed).where("id", "=", versionId).execute();
      if (changed.sha256 !== undefined)
        await setVersionTags(db, versionId, tagsOfVersion({ ...version, ...changed }));
      if (event !== null) await insertEvent(db, model.id, { ...event, version: version.version }, now());
      return await present({ model, version: { ...version, ...changed } });
    });

  return {
    versions: async (idOrName, { page, page_size }) => {
      const model = await findModel(database.db, idOrName);
      const query = database.db.selectFrom("model_versions").where("model_id", "=", model.id);
      const { total } = await query
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await query
        .selectAll()
        .orderBy("version", "desc")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: await presentVersions(database.db, artifacts, model, rows), total, page, page_size };
    },
    getVersion: async (idOrReference) => await present(await findVersion(database.db, idOrReference)),
    served: async (reference) => {
      const plain = await findServed(database.db, reference);
      if (plain !== undefined) return plain;
      const found = await findVersion(database.db, reference);
      if (found.version.status !== "ready") throw notReady(found.model, found.version);
      if (found.version.artifact_path === null) throw notServable(found.model, found.version);
      const { id, version, sha256, run_id } = found.version;
      return { id, model: found.model.name, version, sha256, run_id };
    },
    resolve: async (reference) => {
      const found = await findVersion(database.db, reference);
      if (found.version.status !== "ready") throw notReady(found.model, found.version);
      if (found.version.artifact_path === null) throw notServable(found.model, found.version);
      return await present(found);
    },
    baseOf: async ({ id }) => {
      const found = await findVersionById(database.db, id);
      if (found === undefined) throw unknownVersion(id);
      if (found.version.base_version_id === null || found.version.kind === "full")
        return await present(found);
      const base = await findVersionById(database.db, found.version.base_version_id);
      if (base === undefined) throw unknownVersion(found.version.base_version_id);
      return await present(base);
    },
    createVersion: (request) =>
      database.transaction(async (db) => {
        const model = await findModel(db, request.model);
        await checkBase(db, model, request);
        return await present({ model, version: await insertVersion(db, model, request, now()) });
      }),
    markReady: (versionId, result) =>
      change(
        versionId,
        ["training"],
        (row) => ({
          status: "ready",
          artifact_path: artifacts.toStored(result.artifactPath),
          sha256: result.sha256,
          checksums: JSON.stringify(result.checksums),
          metrics: JSON.stringify({ ...parseMetrics(row), ...finite(result.metrics ?? {}) }),
          summary:
            result.summary === undefined || result.summary === null
              ? row.summary
              : JSON.stringify(result.summary),
          ...(result.lineage === undefined
            ? {}
            : {
                lineage: JSON.stringify(result.lineage),
                dataset_id: result.lineage.dataset?.id ?? row.dataset_id,
              }),
        }),
        { kind: "version_ready", details: { sha256: result.sha256 } },
      ),
    markFailed: (versionId, error) =>
      change(
        versionId,
        ["training"],
        () => ({ status: "failed", error: JSON.stringify({ code: error.code, message: error.message }) }),
        { kind: "version_failed", details: { code: error.code, message: error.message } },
      ),
    archiveVersion: (versionId) =>
      change(
        versionId,
        ["ready"],
        async (row, db) => {
          const aliases = await db
            .selectFrom("model_aliases")
            .select("alias")
            .where("model_id", "=", row.model_id)
            .where("version", "=", row.version)
            .execute();
          if (aliases.length > 0) {
            const names = aliases.map((alias) => alias.alias).join(", ");
            throw new HearthError(
              "conflict",
              `Version ${row.version} is ${names}; point that alias elsewhere first.`,
              {
                details: { version: row.version, aliases: aliases.map((alias) => alias.alias) },
              },
            );
          }
          return { status: "archived", stage: "Archived" };
        },
        { kind: "version_archived", details: {} },
      ),
    recordMetrics: (versionId, metrics) =>
      change(
        versionId,
        ["training", "ready", "archived", "failed"],
        (row) => ({ metrics: JSON.stringify({ ...parseMetrics(row), ...finite(metrics) }) }),
        null,
      ),
    importVersion: async (idOrName, path, signal) => {
      const { id } = await findModel(database.db, idOrName);
      const file = await importModelFile(path, importOptions(context), signal);
      return await registerImport(context, file, async (db, ready) => {
        const model = await findModel(db, id);
        return await present({
          model,
          version: await insertVersion(db, model, { model: id, kind: "full" }, now(), ready),
        });
      });
    },
  };
}

/** How this registry reads model files. */
export function importOptions(context: RegistryContext) {
  const { artifacts, dataPaths, importChild } = context;
  return { artifacts, dataPaths, ...(importChild === undefined ? {} : { childModule: importChild }) };
}

/** What an imported file fills in of a version. */
type ImportedColumns = Pick<VersionRow, "artifact_path" | "sha256" | "checksums" | "summary">;

/**
 * Gives an imported file its place and runs `register` in a transaction with the columns of its version.
 * When that fails, the file is removed again unless another version has the same content.
 */
export async function registerImport<T>(
  { database, artifacts, fileTurns }: RegistryContext,
  file: ImportedFile,
  register: (db: Queries, columns: ImportedColumns) => Promise<T>,
): Promise<T> {
  return await fileTurns.run(async () => {
    try {
      const folder = await artifacts.place(file.incoming, "models", file.sha256);
      return await database.transaction((db) =>
        register(db, {
          artifact_path: artifacts.toStored(join(folder, file.fileName)),
          sha256: file.sha256,
          checksums: JSON.stringify(file.checksums),
          summary: JSON.stringify(file.summary),
        }),
      );
    } catch (error) {
      await rm(file.incoming, { recursive: true, force: true });
      const other = await database.db
        .selectFrom("model_versions")
        .select("id")
        .where("sha256", "=", file.sha256)
        .executeTakeFirst();
      if (other === undefined) await artifacts.removeContent("models", file.sha256);
      throw error;
    }
  });
}

/** Adds a version with the model's next number: in training, or ready with the columns of an imported file. */
export async function insertVersion(
  db: Queries,
  model: ModelRow,
  request: CreateVersion,
  time: number,
  imported?: ImportedColumns,
): Promise<VersionRow> {
  const number = await nextNumber(db, model, time);
  const lineage = request.lineage ?? emptyLineage;
  const row: VersionRow = {
    id: randomUUID(),
    model_id: model.id,
    version: number,
    status: imported === undefined ? "training" : "ready",
    kind: request.kind,
    base_version_id: request.baseVersionId ?? null,
    dataset_id: lineage.dataset?.id ?? null,
    job_id: request.jobId ?? null,
    run_id: request.runId ?? null,
    artifact_path: null,
    sha256: null,
    checksums: "{}",
    summary: null,
    ...imported,
    metrics: "{}",
    lineage: JSON.stringify(lineage),
    error: null,
    source: null,
    storage_location: null,
    run_link: null,
    description: null,
    source_run_id: request.runId ?? "",
    user_id: null,
    stage: "None",
    created_at: time,
    updated_at: time,
  };
  await db.insertInto("model_versions").values(row).execute();
  await setVersionTags(db, row.id, tagsOfVersion(row));
  const details = imported === undefined ? { job_id: row.job_id } : { imported: true, sha256: row.sha256 };
  await insertEvent(db, model.id, { kind: "version_added", version: row.version, details }, time);
  return row;
}

/** The number of the next version. The write is the lock that gives two versions two numbers, also in PostgreSQL. */
export async function nextNumber(
  db: Queries,
  model: Pick<ModelRow, "id" | "name">,
  time: number,
): Promise<number> {
  const row = await db
    .updateTable("models")
    .set((columns) => ({ updated_at: time, last_version: columns("last_version", "+", 1) }))
    .where("id", "=", model.id)
    .returning("last_version")
    .executeTakeFirst();
  if (row === undefined) throw new HearthError("not_found", `The model ${model.name} was just deleted.`);
  return row.last_version;
}

async function checkBase(db: Queries, model: ModelRow, request: CreateVersion): Promise<void> {
  const baseId = request.baseVersionId ?? null;
  if (baseId === null) {
    if (request.kind === "full") return;
    throw new HearthError(
      "invalid_request",
      `An adapter of ${model.name} needs a base version with full weights.`,
    );
  }
  const base = await findVersionById(db, baseId);
  if (base === undefined) throw unknownVersion(baseId);
  if (base.version.status !== "ready") throw notReady(base.model, base.version);
  if (base.version.artifact_path === null) throw notServable(base.model, base.version);
  if (base.version.kind !== "full") {
    throw new HearthError(
      "invalid_request",
      `${base.model.name}:${base.version.version} is an adapter itself; an adapter needs a base with full weights.`,
      { details: { base: `${base.model.name}:${base.version.version}` } },
    );
  }
}

function unknownVersion(id: string): HearthError {
  return new HearthError("not_found", `There is no model version ${JSON.stringify(id.slice(0, 300))}.`, {
    details: { version_id: id.slice(0, 300) },
  });
}

function notReady(model: ModelRow, version: VersionRow): HearthError {
  const why: Record<VersionRow["status"], string> = {
    ready: "is ready",
    training: "is still in training; wait for its job, or name another version",
    failed: "failed in training; name another version, or train again",
    archived: "is archived; name another version",
  };
  return new HearthError("conflict", `${model.name}:${version.version} ${why[version.status]}.`, {
    details: { model: model.name, version: version.version, status: version.status },
  });
}

function notServable(model: ModelRow, version: VersionRow): HearthError {
  return new HearthError(
    "conflict",
    `${model.name}:${version.version} was registered by an MLflow client and has no model file that an engine here could load. ` +
      `Its artifacts are at ${version.source ?? "no place"}; import a GGUF file as a version of ${model.name} to serve it.`,
    { details: { model: model.name, version: version.version, source: version.source } },
  );
}

function parseMetrics(row: VersionRow): Record<string, unknown> {
  const metrics: unknown = JSON.parse(row.metrics);
  return typeof metrics === "object" && metrics !== null ? { ...metrics } : {};
}

/** JSON has no NaN and no Infinity; a metric that is neither a number nor comparable is left out. */
function finite(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}
