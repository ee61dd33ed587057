import { sql, type SqlBool } from "kysely";
import {
  compileFilter,
  compileOrder,
  modelVersions,
  registeredModels,
  resolveFilter,
  resolveOrderBy,
  type Entity,
  type Layout,
  type SortTerm,
} from "../search/search.ts";
import type { Database } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import type { VersionRow } from "./present.ts";
import {
  readModels,
  readVersions,
  sourceColumn,
  type RegisteredModel,
  type RegisteredVersion,
} from "./read-registered.ts";

export interface RegistrySearch {
  /** In MLflow's search language; empty for everything but prompts. */
  filter: string;
  orderBy: readonly string[];
  maxResults: number;
  offset: number;
}

const modelsLayout: Layout = {
  attribute: {
    kind: "columns",
    columns: {
      name: sql.ref("models.name"),
      creation_timestamp: sql.ref("models.created_at"),
      last_updated_timestamp: sql.ref("models.updated_at"),
    },
  },
  tag: pairs("model_tags", "model_id", "models.id"),
};

const versionsLayout: Layout = {
  attribute: {
    kind: "columns",
    columns: {
      name: sql.ref("models.name"),
      version_number: sql.ref("model_versions.version"),
      run_id: sql.ref("model_versions.source_run_id"),
      source_path: sourceColumn,
      creation_timestamp: sql.ref("model_versions.created_at"),
      last_updated_timestamp: sql.ref("model_versions.updated_at"),
    },
  },
  tag: pairs("model_version_tags", "version_id", "model_versions.id"),
};

/** Versions that are read at a time. */
const readSize = 500;

/** Models that a filter finds; without an order by name. Throws `invalid_request`. */
export async function searchModels(
  database: Database,
  search: RegistrySearch,
): Promise<{ models: RegisteredModel[]; more: boolean }> {
  const { db, dialect } = database;
  const filter = compileFilter(dialect, modelsLayout, resolveFilter(registeredModels, search.filter));
  const order = orderOf(registeredModels, search.orderBy, ["name ASC"]);
  let query = db.selectFrom("models").selectAll().where(filter);
  for (const term of compileOrder(dialect, modelsLayout, order)) query = query.orderBy(term);
  const rows = await query
    .limit(search.maxResults + 1)
    .offset(search.offset)
    .execute();
  return {
    models: await readModels(db, rows.slice(0, search.maxResults)),
    more: rows.length > search.maxResults,
  };
}

const versionsById = new ListQuery<VersionRow & { name: string }>(
  (dialect) =>
    `select model_versions.*, models.name from model_versions
     join models on models.id = model_versions.model_id where model_versions.id ${anyOf(dialect)}`,
);

/**
 * Versions that a filter finds, the last changed first unless an order is asked for. There may be very many: they
 * are read part by part as `lists` is iterated. Throws `invalid_request`.
 */
export async function searchVersions(
  database: Database,
  search: RegistrySearch,
): Promise<{ lists: AsyncIterable<readonly RegisteredVersion[]>; more: boolean }> {
  const { db, dialect } = database;
  const filter = compileFilter(dialect, versionsLayout, resolveFilter(modelVersions, search.filter));
  const asked = search.orderBy.length === 0 ? ["last_updated_timestamp DESC"] : search.orderBy;
  const order = orderOf(modelVersions, asked, ["name ASC", "version_number DESC"]);
  let query = db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select("model_versions.id")
    .where(filter);
  for (const term of compileOrder(dialect, versionsLayout, order)) query = query.orderBy(term);
  const found = await query
    .limit(search.maxResults + 1)
    .offset(search.offset)
    .execute();
  const ids = found.slice(0, search.maxResults).map(({ id }) => id);
  return { lists: readParts(database, ids), more: found.length > search.maxResults };
}

async function* readParts(
  { db }: Database,
  ids: readonly string[],
): AsyncGenerator<readonly RegisteredVersion[]> {
  for (let start = 0; start < ids.length; start += readSize) {
    const part = ids.slice(start, start + readSize);
    const rows = new Map((await versionsById.run(db, part)).map((row) => [row.id, row]));
    yield await readVersions(
      db,
      part.flatMap((id) => rows.get(id) ?? []),
    );
  }
}

/** Ties are broken the same way on every page. */
function orderOf(entity: Entity, asked: readonly string[], defaults: readonly string[]): SortTerm[] {
  const terms = resolveOrderBy(entity, asked);
  const rest = resolveOrderBy(entity, defaults);
  return [...terms, ...rest.filter(({ key }) => !terms.some((term) => term.key === key))];
}

function pairs(table: string, owner: string, id: string): Layout[string] {
  return {
    kind: "pairs",
    from: sql.table(table),
    owned: sql<SqlBool>`${sql.ref(`${table}.${owner}`)} = ${sql.ref(id)}`,
    key: sql.ref(`${table}.key`),
    value: sql.ref(`${table}.value`),
  };
}
