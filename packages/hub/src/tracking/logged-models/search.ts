import { sql } from "kysely";
import { HearthError } from "../../errors.ts";
import {
  compileFilter,
  compileOrder,
  loggedModels,
  resolveFilter,
  resolveOrder,
  type Sql,
} from "../../search/search.ts";
import type { Database } from "../../storage/database.ts";
import { latestMetric, measured, modelsLayout, type DatasetReference } from "./layout.ts";
import { readModels } from "./read.ts";
import type { LoggedModel } from "./record.ts";

export interface ModelOrder {
  /** `creation_timestamp`, `metrics.score` */
  field: string;
  ascending: boolean;
  /** Only values that were measured with this data count. */
  dataset?: DatasetReference | undefined;
}

export interface ModelSearch {
  experimentIds: readonly string[];
  filter: string;
  datasets: readonly DatasetReference[];
  orderBy: readonly ModelOrder[];
  limit: number;
  offset: number;
}

/** A page of the models that match, the newest first unless asked otherwise, and whether more follow. Throws `invalid_request`. */
export async function searchModels(
  database: Database,
  search: ModelSearch,
): Promise<{ models: LoggedModel[]; more: boolean }> {
  const { experimentIds, datasets, limit, offset } = search;
  if (datasets.some(({ name }) => name === ""))
    throw new HearthError("invalid_request", "`dataset_name` in the `datasets` clause must be specified.");
  const { dialect, db } = database;
  const conditions = resolveFilter(loggedModels, search.filter);
  let query = db
    .selectFrom("logged_models")
    .select("logged_models.id")
    .where("logged_models.lifecycle_stage", "=", "active")
    .where("logged_models.experiment_id", "in", experimentIds.length === 0 ? [""] : experimentIds)
    .where(compileFilter(dialect, modelsLayout(datasets), conditions));
  if (datasets.length > 0 && !conditions.some(({ kind }) => kind === "metric"))
    query = query.where(measured(datasets));
  for (const term of search.orderBy.flatMap((order) => orderTerms(dialect, order)))
    query = query.orderBy(term);
  const rows = await query
    .orderBy("logged_models.created_at", "desc")
    .orderBy("logged_models.id")
    // One more than is shown tells whether there is a next page.
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const ids = rows.slice(0, limit).map(({ id }) => id);
  return { models: await readModels(db, ids), more: rows.length > limit };
}

function orderTerms(dialect: Database["dialect"], { field, ascending, dataset }: ModelOrder): Sql[] {
  const dot = field.indexOf(".");
  const prefix = dot === -1 ? null : field.slice(0, dot);
  const terms = resolveOrder(loggedModels, [{ name: { prefix, key: field.slice(dot + 1) }, ascending }]);
  return terms.flatMap((term) => {
    if (term.kind !== "metric") return compileOrder(dialect, modelsLayout([]), [term]);
    const { nan, value } = latestMetric(term.key, dataset === undefined ? [] : [dataset]);
    const direction = sql.raw(ascending ? "asc" : "desc");
    return [sql`${nan} asc nulls last`, sql`${value} ${direction} nulls last`];
  });
}
