import { sql } from "kysely";
import type { Queries } from "../storage/database.ts";
import { PreparedQuery } from "../storage/prepared-query.ts";
import type { ModelVersionTable } from "../storage/tables/registry.ts";
import { parseReference } from "./references.ts";

/** What an answer has to name of the version that gives it. */
export type ServedVersion = Pick<ModelVersionTable, "id" | "version" | "sha256" | "run_id"> & {
  model: string;
};

type Found = ServedVersion & Pick<ModelVersionTable, "status" | "artifact_path">;

/** Ids are looked for first, so that no name can stand in for one. */
const idPattern = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/**
 * Finds what a bare name or `name@alias` stands for in one statement, because every request waits for it
 * before its first token. `undefined` for all that is not this plain case: a number, an id, a version
 * that is not ready or has no file, nothing at all; those take the way that can say why.
 */
export function createServedVersions(): (db: Queries, text: string) => Promise<ServedVersion | undefined> {
  const byAlias = new PreparedQuery<{ name: string; alias: string }, Found>((db, place) =>
    versions(db)
      .innerJoin("model_aliases", (join) =>
        join
          .onRef("model_aliases.model_id", "=", "model_versions.model_id")
          .onRef("model_aliases.version", "=", "model_versions.version"),
      )
      .where("models.name", "=", place("name"))
      .where("model_aliases.alias", "=", place("alias")),
  );
  const byName = new PreparedQuery<{ name: string }, Found>((db, place) =>
    versions(db)
      .leftJoin("model_aliases", (join) =>
        join
          .onRef("model_aliases.model_id", "=", "model_versions.model_id")
          .onRef("model_aliases.version", "=", "model_versions.version")
          .on("model_aliases.alias", "=", sql.lit("champion")),
      )
      .where("models.name", "=", place("name"))
      .where((row) =>
        row.or([
          row("model_aliases.alias", "is not", null),
          row.and([
            row("model_versions.status", "=", sql.lit("ready" as const)),
            row("model_versions.artifact_path", "is not", null),
          ]),
        ]),
      )
      .orderBy((row) => row("model_aliases.alias", "is", null))
      .orderBy("model_versions.version", "desc")
      .limit(sql.lit(1)),
  );
  return async (db, text) => {
    const reference = parseReference(text);
    if (reference.kind === "version" || idPattern.test(reference.name) || text.includes("\0"))
      return undefined;
    const [found] =
      reference.kind === "alias"
        ? await byAlias.run(db, { name: reference.name, alias: reference.alias })
        : await byName.run(db, { name: reference.name });
    if (found?.status !== "ready" || found.artifact_path === null) return undefined;
    const { status: _, artifact_path: _path, ...served } = found;
    return served;
  };
}

function versions(db: Queries) {
  return db
    .selectFrom("models")
    .innerJoin("model_versions", "model_versions.model_id", "models.id")
    .select([
      "model_versions.id",
      "models.name as model",
      "model_versions.version",
      "model_versions.sha256",
      "model_versions.run_id",
      "model_versions.status",
      "model_versions.artifact_path",
    ]);
}
