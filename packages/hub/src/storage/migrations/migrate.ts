import { sql, type Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { HearthError } from "../../errors.ts";
import type { Tables } from "../tables.ts";
import * as firstTables from "./0001-first-tables.ts";
import * as trackingTables from "./0002-tracking.ts";
import * as runNames from "./0003-run-names.ts";
import * as registryTables from "./0004-registry.ts";
import * as traceTables from "./0005-traces.ts";
import * as loggedModelTables from "./0006-logged-models.ts";
import * as evaluationDatasetTables from "./0007-genai-datasets.ts";
import * as answersElsewhere from "./0008-answers-elsewhere.ts";
import * as servingColumn from "./0009-serving.ts";
import * as responseTables from "./0010-responses.ts";
import * as runsInOrder from "./0011-runs-in-order.ts";
import * as queueOrder from "./0012-queue-order.ts";
import * as childRuns from "./0013-child-runs.ts";
import * as trainingSamples from "./0014-training-samples.ts";
import * as chatTables from "./0015-chat.ts";
import * as datasetOrigins from "./0016-dataset-origins.ts";
import * as queueAndGuards from "./0017-queue-and-guards.ts";
import * as evaluationDetails from "./0018-evaluation-details.ts";
import * as reproductions from "./0019-reproductions.ts";

/** Every migration, in order. Released ones never change; a change of the tables is a new one. */
const migrations: Record<string, Migration> = {
  "0001-first-tables": firstTables,
  "0002-tracking": trackingTables,
  "0003-run-names": runNames,
  "0004-registry": registryTables,
  "0005-traces": traceTables,
  "0006-logged-models": loggedModelTables,
  "0007-genai-datasets": evaluationDatasetTables,
  "0008-answers-elsewhere": answersElsewhere,
  "0009-serving": servingColumn,
  "0010-responses": responseTables,
  "0011-runs-in-order": runsInOrder,
  "0012-queue-order": queueOrder,
  "0013-child-runs": childRuns,
  "0014-training-samples": trainingSamples,
  "0015-chat": chatTables,
  "0016-dataset-origins": datasetOrigins,
  "0017-queue-and-guards": queueAndGuards,
  "0018-evaluation-details": evaluationDetails,
  "0019-reproductions": reproductions,
};

/**
 * Runs the migrations that the database has not seen, each whole or not at all.
 *
 * @throws HearthError `configuration_invalid` when the database has seen one that this Hearth does not know.
 */
export async function migrateToLatest(db: Kysely<Tables>): Promise<void> {
  await refuseNewer(db);
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof HearthError) throw error;
  const failed =
    results?.find((result) => result.status === "Error")?.migrationName ?? "before the first migration";
  const words = error instanceof Error ? error.message : JSON.stringify(error);
  throw new HearthError("internal", `The database could not be brought up to date (${failed}): ${words}`, {
    cause: error,
  });
}

async function refuseNewer(db: Kysely<Tables>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "kysely_migration")) return;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const unknown = rows.map((row) => row.name).filter((name) => migrations[name] === undefined);
  if (unknown.length === 0) return;
  throw new HearthError(
    "configuration_invalid",
    `The database was written by a newer Hearth: it has ${unknown.join(", ")}, this version knows up to ${Object.keys(migrations).at(-1)}. ` +
      `Update Hearth, or name another HEARTH_HOME or DATABASE_URL.`,
    { details: { unknown_migrations: unknown } },
  );
}
