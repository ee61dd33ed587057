import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@hearth/wire/hub/common";
import { dataset as datasetSchema } from "@hearth/wire/hub/datasets";
import type {
  CreateDatasetRequest,
  Dataset,
  DatasetRows,
  DatasetRowsQuery,
  DatasetStatistics,
  DatasetUses,
  SplitName,
  verifyDatasetResponse,
} from "@hearth/wire/hub/datasets";
import type { z } from "zod";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { hashFile } from "../artifacts/fs/hash.ts";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import { createTurns } from "../artifacts/fs/turns.ts";
import { closestNames } from "../closest-names.ts";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import type { DatasetTable } from "../storage/tables/datasets.ts";
import { checksumOf, ingest, readFileBytes, sourcesAt, sourcesOfUpload, type SplitSource } from "./ingest.ts";
import { LineIndices } from "./line-index.ts";
import { readRows } from "./read-rows.ts";
import type { DatasetRow } from "./rows.ts";
import { measureRows, splitsOf } from "./statistics.ts";
import { findUses } from "./uses.ts";

export type { DatasetMessage, DatasetRow } from "./rows.ts";
export { answerOf } from "./rows.ts";

export interface PageRequest {
  page: number;
  page_size: number;
}

/** A file that came with a request. */
export interface UploadedFile {
  name: string;
  bytes: () => AsyncIterable<Uint8Array>;
}

/** Registered data: checked, hashed, and copied where nothing changes it. */
export interface Datasets {
  /** The same content under the same name is the existing dataset; other content makes the next version. */
  register(request: CreateDatasetRequest, signal: AbortSignal): Promise<Dataset>;
  upload(name: string, files: readonly UploadedFile[], signal: AbortSignal): Promise<Dataset>;
  /** By id, by name (the latest version) or `name:2`. */
  get(reference: string): Promise<Dataset>;
  /** The newest first. */
  list(page: PageRequest): Promise<Page<Dataset>>;
  /** `conflict` while a job, a version or an evaluation uses it. */
  remove(reference: string): Promise<void>;
  /** Hashes the stored copy again. */
  verify(reference: string, signal: AbortSignal): Promise<z.infer<typeof verifyDatasetResponse>>;
  /** Some rows of a split, to be looked at. `invalid_request` when the dataset has no such split. */
  rows(reference: string, query: DatasetRowsQuery, signal: AbortSignal): Promise<DatasetRows>;
  /** Reads every row. */
  statistics(reference: string, signal: AbortSignal): Promise<DatasetStatistics>;
  uses(reference: string): Promise<DatasetUses>;
  /** The rows of a split in order, at most `limit`, never all in memory. */
  readRows(
    dataset: Pick<Dataset, "id">,
    split: SplitName,
    options: { limit?: number },
    signal: AbortSignal,
  ): AsyncIterable<DatasetRow>;
  /** Absolute path of the stored file. `invalid_request` when the dataset has no such split. */
  filePath(dataset: Pick<Dataset, "id">, split: SplitName): Promise<string>;
}

export interface DatasetsDependencies {
  database: Database;
  artifacts: ArtifactStore;
  /** Folders that a dataset may be registered from. */
  dataPaths: readonly string[];
  now?: () => number;
  /** Reads a stored file from an offset on; for tests that count. */
  readBytes?: (path: string, offset?: number) => AsyncIterable<Uint8Array>;
}

export function createDatasets({
  database,
  artifacts,
  dataPaths,
  now = Date.now,
  readBytes = readFileBytes,
}: DatasetsDependencies): Datasets {
  const indices = new LineIndices(readBytes);
  /** Registering and removing stored copies take turns: a copy in use is never removed. */
  const turns = createTurns();

  const store = async (
    name: string,
    path: string,
    sources: readonly SplitSource[],
    signal: AbortSignal,
  ): Promise<Dataset> => {
    const incoming = await artifacts.createIncoming();
    try {
      const ingested = await ingest(sources, incoming, signal);
      return await turns.run(async () => {
        // Registering again is also the way to mend a stored copy that was damaged.
        const stored = artifacts.contentFolder("datasets", ingested.checksum);
        const { problems } = await hashStored(stored, ingested.splits, signal);
        if (problems.length > 0) await artifacts.removeContent("datasets", ingested.checksum);
        const folder = await artifacts.place(incoming, "datasets", ingested.checksum);
        return await database.transaction(async (db) => {
          const versions = await db.selectFrom("datasets").selectAll().where("name", "=", name).execute();
          const same = versions.find((version) => version.checksum === ingested.checksum);
          if (same !== undefined) return present(same);
          const row: DatasetTable = {
            id: randomUUID(),
            name,
            version: Math.max(0, ...versions.map((version) => version.version)) + 1,
            path,
            stored_path: artifacts.toStored(folder),
            checksum: ingested.checksum,
            format: ingested.format,
            schema: JSON.stringify(ingested.schema),
            rows: ingested.rows,
            splits: JSON.stringify(ingested.splits),
            labels: JSON.stringify(ingested.labels),
            created_at: now(),
          };
          await db.insertInto("datasets").values(row).execute();
          return present(row);
        });
      });
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
  };

  const splitFile = async (id: string, split: SplitName) => {
    const row = await find(database.db, id);
    const dataset = present(row);
    const stored = dataset.splits[split];
    if (stored === undefined) {
      throw new HearthError(
        "invalid_request",
        `The dataset ${dataset.name} has no ${split} split; it has ${Object.keys(dataset.splits).join(", ")}.`,
        { details: { field: "split", value: split, allowed: Object.keys(dataset.splits) } },
      );
    }
    const path = join(artifacts.fromStored(row.stored_path), stored.file);
    return { dataset, file: stored.file, path, sha256: stored.sha256 };
  };

  const rowsFrom = async function* (
    id: string,
    split: SplitName,
    { offset = 0, limit = Infinity }: { offset?: number; limit?: number },
    signal: AbortSignal,
  ): AsyncGenerator<DatasetRow> {
    const { dataset, file, path, sha256 } = await splitFile(id, split);
    const mark = await indices.before({ path, sha256 }, offset);
    const bytes = readBytes(path, mark.offset);
    yield* readRows(bytes, file, dataset.format, { offset, limit, start: mark.line }, signal);
  };

  return {
    register: async ({ name, path }, signal) => {
      const found = await sourcesAt(path, dataPaths);
      return await store(name, found.path, found.sources, signal);
    },
    upload: async (name, files, signal) => {
      const path = `upload:${files
        .map((file) => file.name.replaceAll("\0", ""))
        .join(",")
        .slice(0, 1000)}`;
      return await store(name, path, sourcesOfUpload(files), signal);
    },
    get: async (reference) => present(await find(database.db, reference)),
    list: async ({ page, page_size }) => {
      const { total } = await database.db
        .selectFrom("datasets")
        .select((row) => row.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      const rows = await database.db
        .selectFrom("datasets")
        .selectAll()
        .orderBy("created_at", "desc")
        .orderBy("name")
        .orderBy("version", "desc")
        .limit(page_size)
        .offset((page - 1) * page_size)
        .execute();
      return { items: rows.map(present), total, page, page_size };
    },
    remove: (reference) =>
      turns.run(async () => {
        const checksum = await database.transaction(async (db) => {
          const row = await find(db, reference);
          await refuseWhileUsed(db, row);
          await db.deleteFrom("datasets").where("id", "=", row.id).execute();
          const other = await db
            .selectFrom("datasets")
            .select("id")
            .where("checksum", "=", row.checksum)
            .executeTakeFirst();
          return other === undefined ? row.checksum : undefined;
        });
        if (checksum !== undefined) await artifacts.removeContent("datasets", checksum);
      }),
    verify: async (reference, signal) => {
      const row = await find(database.db, reference);
      const { found, problems } = await hashStored(
        artifacts.fromStored(row.stored_path),
        present(row).splits,
        signal,
      );
      return { ok: problems.length === 0, checksum: checksumOf(found), problems };
    },
    rows: async (reference, { split, offset, limit }, signal) => {
      const { id } = await find(database.db, reference);
      const { dataset } = await splitFile(id, split);
      const items: DatasetRow[] = [];
      for await (const row of rowsFrom(id, split, { offset, limit }, signal)) items.push(row);
      return { split, offset, total: dataset.splits[split]?.rows ?? 0, items };
    },
    statistics: async (reference, signal) => {
      const dataset = present(await find(database.db, reference));
      return await measureRows(dataset.labels, splitsOf(dataset), (split) =>
        rowsFrom(dataset.id, split, {}, signal),
      );
    },
    uses: async (reference) => await findUses(database.db, (await find(database.db, reference)).id),
    readRows: ({ id }, split, { limit = Infinity }, signal) => rowsFrom(id, split, { limit }, signal),
    filePath: async ({ id }, split) => (await splitFile(id, split)).path,
  };
}

/** Hashes the files of a stored copy; a problem is one that is missing or not what was registered. */
async function hashStored(
  folder: string,
  splits: Dataset["splits"],
  signal: AbortSignal,
): Promise<{ found: { file: string; sha256: string }[]; problems: string[] }> {
  const found: { file: string; sha256: string }[] = [];
  const problems: string[] = [];
  for (const split of Object.values(splits)) {
    const path = join(folder, split.file);
    try {
      const sha256 = await hashFile(path, signal);
      found.push({ file: split.file, sha256 });
      if (sha256 === split.sha256) continue;
      problems.push(`${path} has changed: its sha256 is ${sha256}, registered was ${split.sha256}.`);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${path} cannot be read (${fileErrorCode(error) ?? String(error)}).`);
    }
  }
  return { found, problems };
}

async function find(db: Queries, reference: string): Promise<DatasetTable> {
  const known = reference.includes("\0") ? undefined : await lookUp(db, reference);
  if (known !== undefined) return known;
  const rows = await db.selectFrom("datasets").select("name").distinct().limit(10_000).execute();
  const names = rows.map((row) => row.name);
  const closest = closestNames(reference.replace(/:\d+$/, ""), names);
  const hint =
    closest.length > 0
      ? `The closest: ${closest.join(", ")}.`
      : names.length === 0
        ? "No datasets are registered yet."
        : "";
  throw new HearthError(
    "not_found",
    `There is no dataset ${JSON.stringify(reference.slice(0, 300))}. ${hint}`.trimEnd(),
    {
      details: { dataset: reference.slice(0, 300), closest },
    },
  );
}

async function lookUp(db: Queries, reference: string): Promise<DatasetTable | undefined> {
  const byId = await db.selectFrom("datasets").selectAll().where("id", "=", reference).executeTakeFirst();
  if (byId !== undefined) return byId;
  const numbered = /^(?<name>[^:]+):(?<version>[1-9]\d{0,8})$/.exec(reference)?.groups;
  const named = db
    .selectFrom("datasets")
    .selectAll()
    .where("name", "=", numbered?.["name"] ?? reference);
  const one =
    numbered === undefined
      ? named.orderBy("version", "desc").limit(1)
      : named.where("version", "=", Number(numbered["version"]));
  return await one.executeTakeFirst();
}

async function refuseWhileUsed(db: Queries, row: DatasetTable): Promise<void> {
  const jobs = await db.selectFrom("jobs").select("id").where("dataset_id", "=", row.id).limit(20).execute();
  const versions = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name", "model_versions.version"])
    .where("model_versions.dataset_id", "=", row.id)
    .limit(20)
    .execute();
  const evaluations = await db
    .selectFrom("evaluations")
    .select("id")
    .where("dataset_id", "=", row.id)
    .limit(20)
    .execute();
  if (jobs.length + versions.length + evaluations.length === 0) return;
  const names = versions.map((version) => `${version.name}:${version.version}`);
  const users = [
    ...(names.length > 0 ? [`the versions ${names.join(", ")}`] : []),
    ...(jobs.length > 0 ? [`${jobs.length} jobs`] : []),
    ...(evaluations.length > 0 ? [`${evaluations.length} evaluations`] : []),
  ];
  throw new HearthError(
    "conflict",
    `The dataset ${row.name}:${row.version} is used by ${users.join(", ")}; delete those models first.`,
    {
      details: {
        dataset: row.name,
        versions: names,
        jobs: jobs.map((job) => job.id),
        evaluations: evaluations.length,
      },
    },
  );
}

const {
  format: formatSchema,
  schema: schemaSchema,
  splits: splitsSchema,
  labels: labelsSchema,
} = datasetSchema.shape;

function present(row: DatasetTable): Dataset {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    path: row.path,
    checksum: row.checksum,
    format: formatSchema.parse(row.format),
    schema: schemaSchema.parse(JSON.parse(row.schema)),
    rows: row.rows,
    splits: splitsSchema.parse(JSON.parse(row.splits)),
    labels: labelsSchema.parse(JSON.parse(row.labels)),
    created_at: toIso(row.created_at),
  };
}
