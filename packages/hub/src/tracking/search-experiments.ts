import { sql, type Selectable, type SqlBool } from "kysely";
import {
  compileFilter,
  compileOrder,
  experiments,
  resolveFilter,
  resolveOrderBy,
  type Layout,
} from "../search/search.ts";
import type { Database, Queries } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import type { ExperimentTable } from "../storage/tables/tracking.ts";
import type { Pair } from "./params.ts";

/** Which lifecycle stages a search looks at, in MLflow's words. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

export interface ExperimentSearch {
  filter: string;
  orderBy: readonly string[];
  view: ViewType;
  limit: number;
  offset: number;
}

const layout: Layout = {
  attribute: {
    kind: "columns",
    columns: {
      name: sql.ref("experiments.name"),
      experiment_id: sql.ref("experiments.id"),
      creation_time: sql.ref("experiments.created_at"),
      last_update_time: sql.ref("experiments.updated_at"),
    },
  },
  tag: {
    kind: "pairs",
    from: sql`experiment_tags`,
    owned: sql<SqlBool>`experiment_tags.experiment_id = experiments.id`,
    key: sql.ref("experiment_tags.key"),
    value: sql.ref("experiment_tags.value"),
  },
};

/** A page of the experiments that match, and whether more follow. Throws `invalid_request`. */
export async function findExperiments(
  { db, dialect }: Database,
  { filter, orderBy, view, limit, offset }: ExperimentSearch,
): Promise<{ rows: Selectable<ExperimentTable>[]; more: boolean }> {
  let query = db
    .selectFrom("experiments")
    .selectAll()
    .where(compileFilter(dialect, layout, resolveFilter(experiments, filter)));
  if (view !== "ALL")
    query = query.where("lifecycle_stage", "=", view === "ACTIVE_ONLY" ? "active" : "deleted");
  const order = resolveOrderBy(experiments, orderBy);
  for (const term of order) {
    // Ids are numbers in digits: the longer one is the larger one.
    if (term.kind === "attribute" && term.key === "experiment_id")
      query = query.orderBy(sql`length(experiments.id)`, term.ascending ? "asc" : "desc");
    for (const compiled of compileOrder(dialect, layout, [term])) query = query.orderBy(compiled);
  }
  // As MLflow: the newest first where nothing is asked, and a last word of the id in any case.
  if (order.length === 0) query = query.orderBy("created_at", "desc");
  const rows = await query
    .orderBy(sql`length(experiments.id) desc`)
    .orderBy("id", "desc")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

const tagsOf = new ListQuery<Pair & { experiment_id: string }>(
  (dialect) =>
    `select experiment_id, key, value from experiment_tags where experiment_id ${anyOf(dialect)} order by key`,
);

export async function readExperimentTags(db: Queries, ids: readonly string[]): Promise<Map<string, Pair[]>> {
  const found = new Map<string, Pair[]>(ids.map((id) => [id, []]));
  for (const { experiment_id, key, value } of await tagsOf.run(db, ids))
    found.get(experiment_id)?.push({ key, value });
  return found;
}
