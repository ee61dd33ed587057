import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@hearth/wire/hub/common";
import { datasetDivision, datasetStatistics } from "@hearth/wire/hub/datasets";
import type {
  CreateDatasetRequest,
  Dataset,
  DatasetOptions,
  DatasetRows,
  DatasetRowsQuery,
  DatasetStatistics,
  DatasetUses,
  DatasetVersions,
  SplitName,
  verifyDatasetResponse,
} from "@hearth/wire/hub/datasets";
import type { z } from "zod";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import { createTurns } from "../artifacts/fs/turns.ts";
import { HearthError } from "../errors.ts";
import type { Database } from "../storage/database.ts";
import type { DatasetTable } from "../storage/tables/datasets.ts";
import { checksumOf, ingest, readFileBytes, sourcesAt, sourcesOfUpload, type SplitSource } from "./ingest.ts";
import { abandonable, countRows } from "./count-rows.ts";
import { KeptStatistics } from "./kept-statistics.ts";
import { LineIndices } from "./line-index.ts";
import { findDataset as find } from "./find.ts";
import { notesOnSources, type DatasetOrigin } from "./origin.ts";
import { prepareSources } from "./prepare/prepared-sources.ts";
import { presentDataset as present } from "./present.ts";
import { hashStored } from "./stored-copy.ts";
import { readRows } from "./read-rows.ts";
import type { DatasetRow } from "./rows.ts";
import { findUses, refuseWhileUsed } from "./uses.ts";

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
  upload(
    name: string,
    files: readonly UploadedFile[],
    signal: AbortSignal,
    options?: DatasetOptions,
  ): Promise<Dataset>;
  /** By id, by name (the latest version) or `name:2`. */
  get(reference: string): Promise<Dataset>;
  /** All of the name, the newest first. */
  versions(reference: string): Promise<DatasetVersions>;
  /** The newest first. */
  list(page: PageRequest): Promise<Page<Dataset>>;
  /** `conflict` while a job, a version or an evaluation uses it. */
  remove(reference: string): Promise<void>;
  /** Hashes the stored copy again. */
  verify(reference: string, signal: AbortSignal): Promise<z.infer<typeof verifyDatasetResponse>>;
  /** Some rows of a split, to be looked at. `invalid_request` when the dataset has no such split. */
  rows(reference: string, query: DatasetRowsQuery, signal: AbortSignal): Promise<DatasetRows>;
  /** Reads every row, in a process of its own, the first time. */
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
  const kept = new KeptStatistics(database, datasetStatistics);
  /** Registering and removing stored copies take turns: a copy in use is never removed. */
  const turns = createTurns();

  const store = async (
    { name, path, given }: { name: string; path: string; given: readonly SplitSource[] },
    options: DatasetOptions,
    signal: AbortSignal,
  ): Promise<Dataset> => {
    const incoming = await artifacts.createIncoming();
    const workshop = await artifacts.createIncoming();
    try {
      const mapping = options.mapping ?? null;
      const division = options.split === undefined ? null : datasetDivision.parse(options.split);
      const asTheyAre =
        mapping === null && division === null && given.every(({ format }) => format === "jsonl");
      const logs = join(artifacts.home, "logs");
      const prepared = asTheyAre
        ? null
        : await prepareSources(given, { mapping, division }, { folder: workshop, logs }, signal);
      const ingested = await ingest(prepared?.sources ?? given, incoming, signal);
      const origin: DatasetOrigin = {
        sources: prepared?.origins ?? sourcesAsTheyAre(given, ingested.splits),
        mapping,
        division,
      };
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
            origin: JSON.stringify(origin),
            created_at: now(),
          };
          await db.insertInto("datasets").values(row).execute();
          return present(row);
        });
      });
    } finally {
      await rm(incoming, { recursive: true, force: true });
      await rm(workshop, { recursive: true, force: true });
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
    register: async ({ name, path, ...options }, signal) => {
      const found = await sourcesAt(path, dataPaths);
      return await store({ name, path: found.path, given: found.sources }, options, signal);
    },
    upload: async (name, files, signal, options = {}) => {
      const path = `upload:${files
        .map((file) => file.name.replaceAll("\0", ""))
        .join(",")
        .slice(0, 1000)}`;
      return await store({ name, path, given: sourcesOfUpload(files) }, options, signal);
    },
    get: async (reference) => present(await find(database.db, reference)),
    versions: async (reference) => {
      const { name } = await find(database.db, reference);
      const rows = await database.db
        .selectFrom("datasets")
        .selectAll()
        .where("name", "=", name)
        .orderBy("version", "desc")
        .execute();
      return { items: rows.map(present) };
    },
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
          if (other !== undefined) return undefined;
          await db.deleteFrom("dataset_statistics").where("checksum", "=", row.checksum).execute();
          return row.checksum;
        });
        if (checksum !== undefined) await artifacts.removeContent("datasets", checksum);
      }),
    verify: async (reference, signal) => {
      const row = await find(database.db, reference);
      const dataset = present(row);
      const folder = artifacts.fromStored(row.stored_path);
      const { found, problems } = await hashStored(folder, dataset.splits, signal);
      const notes = await notesOnSources(dataset, signal);
      return { ok: problems.length === 0, checksum: checksumOf(found), problems, notes };
    },
    rows: async (reference, { split, offset, limit }, signal) => {
      const { id } = await find(database.db, reference);
      const { dataset } = await splitFile(id, split);
      const items: DatasetRow[] = [];
      for await (const row of rowsFrom(id, split, { offset, limit }, signal)) items.push(row);
      return { split, offset, total: dataset.splits[split]?.rows ?? 0, items };
    },
    statistics: async (reference, signal) => {
      const row = await find(database.db, reference);
      const statistics = kept.get(row.checksum, "rows 2", () =>
        countRows(present(row), artifacts.fromStored(row.stored_path), join(artifacts.home, "logs")),
      );
      return await abandonable(statistics, signal);
    },
    uses: async (reference) => await findUses(database.db, (await find(database.db, reference)).id),
    readRows: ({ id }, split, { limit = Infinity }, signal) => rowsFrom(id, split, { limit }, signal),
    filePath: async ({ id }, split) => (await splitFile(id, split)).path,
  };
}

/** The copies of JSONL files that nothing was done to have their checksums. */
function sourcesAsTheyAre(
  given: readonly SplitSource[],
  splits: Dataset["splits"],
): DatasetOrigin["sources"] {
  return given.flatMap(({ split, name, format }) => {
    const copy = splits[split];
    return copy === undefined ? [] : [{ file: name, format, bytes: copy.bytes, sha256: copy.sha256 }];
  });
}
