import { randomUUID } from "node:crypto";
import { HearthError } from "../errors.ts";
import type { Database, Queries } from "../storage/database.ts";

/** How an application's answers are judged, as a client has written it down; the hub only keeps it. */
export interface ScorerVersion {
  scorerId: string;
  experimentId: string;
  name: string;
  /** Counts from 1. */
  version: number;
  serialized: string;
  /** ms since the epoch */
  createdAt: number;
}

/** What throws `not_found` does so for an unknown scorer or version. */
export interface Scorers {
  /** The next version of the experiment's scorer of that name. */
  register(experimentId: string, name: string, serialized: string): Promise<ScorerVersion>;
  /** The latest version of each, of one experiment or of all that are active. */
  list(experimentIds: readonly string[] | null): Promise<ScorerVersion[]>;
  versions(experimentId: string, name: string): Promise<ScorerVersion[]>;
  /** The latest one without a version. */
  get(experimentId: string, name: string, version: number | undefined): Promise<ScorerVersion>;
  /** All versions without one. */
  remove(experimentId: string, name: string, version: number | undefined): Promise<void>;
}

export function createScorers(database: Database, now: () => number = Date.now): Scorers {
  const versions = async (db: Queries, experimentId: string, name: string): Promise<ScorerVersion[]> => {
    const rows = await selection(db)
      .where("scorers.experiment_id", "=", experimentId)
      .where("scorers.name", "=", name)
      .orderBy("scorer_versions.version")
      .execute();
    if (rows.length === 0) throw unknownScorer(experimentId, name, undefined);
    return rows;
  };
  return {
    register: (experimentId, name, serialized) =>
      database.write(async (db) => {
        if (name.trim() === "")
          throw new HearthError("invalid_request", "Scorer name cannot be empty or contain only whitespace.");
        // An update even where nothing changes: it holds the row, so that no number is given twice.
        const { id } = await db
          .insertInto("scorers")
          .values({ id: randomUUID(), experiment_id: experimentId, name })
          .onConflict((conflict) => conflict.columns(["experiment_id", "name"]).doUpdateSet({ name }))
          .returning("id")
          .executeTakeFirstOrThrow();
        const { last } = await db
          .selectFrom("scorer_versions")
          .select((row) => row.fn.max("version").as("last"))
          .where("scorer_id", "=", id)
          .executeTakeFirstOrThrow();
        const version = (last ?? 0) + 1;
        const createdAt = now();
        await db
          .insertInto("scorer_versions")
          .values({ scorer_id: id, version, serialized, created_at: createdAt })
          .execute();
        return { scorerId: id, experimentId, name, version, serialized, createdAt };
      }),
    list: async (experimentIds) => {
      let query = selection(database.db)
        .innerJoin("experiments", "experiments.id", "scorers.experiment_id")
        .where("experiments.lifecycle_stage", "=", "active")
        .where("scorer_versions.version", "=", (inner) =>
          inner
            .selectFrom("scorer_versions as other")
            .select((row) => row.fn.max("other.version").as("last"))
            .whereRef("other.scorer_id", "=", "scorers.id"),
        );
      if (experimentIds !== null) {
        if (experimentIds.length === 0) return [];
        query = query.where("scorers.experiment_id", "in", experimentIds);
      }
      return await query.orderBy("scorers.experiment_id").orderBy("scorers.name").execute();
    },
    versions: (experimentId, name) => versions(database.db, experimentId, name),
    get: async (experimentId, name, version) => {
      const all = await versions(database.db, experimentId, name);
      const found = version === undefined ? all.at(-1) : all.find((one) => one.version === version);
      if (found === undefined) throw unknownScorer(experimentId, name, version);
      return found;
    },
    remove: (experimentId, name, version) =>
      database.write(async (db) => {
        const all = await versions(db, experimentId, name);
        const [first] = all;
        if (first === undefined) throw unknownScorer(experimentId, name, version);
        if (version === undefined || (all.length === 1 && first.version === version)) {
          await db.deleteFrom("scorers").where("id", "=", first.scorerId).execute();
          return;
        }
        const { numDeletedRows } = await db
          .deleteFrom("scorer_versions")
          .where("scorer_id", "=", first.scorerId)
          .where("version", "=", version)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw unknownScorer(experimentId, name, version);
      }),
  };
}

function selection(db: Queries) {
  return db
    .selectFrom("scorer_versions")
    .innerJoin("scorers", "scorers.id", "scorer_versions.scorer_id")
    .select([
      "scorers.id as scorerId",
      "scorers.experiment_id as experimentId",
      "scorers.name as name",
      "scorer_versions.version as version",
      "scorer_versions.serialized as serialized",
      "scorer_versions.created_at as createdAt",
    ]);
}

function unknownScorer(experimentId: string, name: string, version: number | undefined): HearthError {
  const which = version === undefined ? "" : ` and version ${version}`;
  return new HearthError(
    "not_found",
    `Scorer with name '${name.slice(0, 300)}'${which} not found for experiment ${experimentId}.`,
    { details: { name: name.slice(0, 300), experiment_id: experimentId } },
  );
}
