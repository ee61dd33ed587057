import { sql, type SqlBool } from "kysely";
import { compare, type Layout, type Source, type Sql } from "../../search/search.ts";

/** Data that a metric was measured with; any digest when there is none. */
export interface DatasetReference {
  name: string;
  digest?: string | undefined;
}

/** Where what is said of a logged model is stored; the searched table is `logged_models`. */
export function modelsLayout(datasets: readonly DatasetReference[]): Layout {
  return {
    attribute: {
      kind: "columns",
      columns: {
        name: sql.ref("logged_models.name"),
        model_id: sql.ref("logged_models.id"),
        model_type: sql.ref("logged_models.model_type"),
        status: sql.ref("logged_models.status"),
        source_run_id: sql.ref("logged_models.source_run_id"),
        experiment_id: sql.ref("logged_models.experiment_id"),
        creation_timestamp: sql.ref("logged_models.created_at"),
        last_updated_timestamp: sql.ref("logged_models.updated_at"),
      },
    },
    // Any value that was measured counts, not only the latest.
    metric: {
      kind: "custom",
      write: (condition, dialect) => sql<SqlBool>`exists (select 1 from logged_model_metrics metric
        where metric.model_id = logged_models.id and metric.key = ${condition.key} and metric.is_nan = 0
          and ${compare(dialect, sql.ref("metric.value"), condition)} and ${measuredWith(datasets)})`,
    },
    param: pairs("logged_model_params"),
    tag: pairs("logged_model_tags"),
  };
}

/** True for models with a metric that was measured with one of the datasets. */
export function measured(datasets: readonly DatasetReference[]) {
  return sql<SqlBool>`exists (select 1 from logged_model_metrics metric
    where metric.model_id = logged_models.id and ${measuredWith(datasets)})`;
}

/** The latest value of a metric, and before it whether that is NaN. */
export function latestMetric(key: string, datasets: readonly DatasetReference[]): { nan: Sql; value: Sql } {
  const latest = (
    column: string,
  ) => sql`(select ${sql.ref(`metric.${column}`)} from logged_model_metrics metric
    where metric.model_id = logged_models.id and metric.key = ${key} and ${measuredWith(datasets)}
    order by metric.timestamp desc, metric.step desc, metric.run_id limit 1)`;
  return { nan: latest("is_nan"), value: latest("value") };
}

/** Of the row `metric`; all of them without datasets. */
function measuredWith(datasets: readonly DatasetReference[]) {
  if (datasets.length === 0) return sql<SqlBool>`1 = 1`;
  const each = datasets.map(({ name, digest }) => {
    const named = name === "" ? sql`1 = 1` : sql`metric.dataset_name = ${name}`;
    return digest === undefined || digest === ""
      ? sql`(${named})`
      : sql`(${named} and metric.dataset_digest = ${digest})`;
  });
  return sql<SqlBool>`(${sql.join(each, sql` or `)})`;
}

function pairs(table: string): Source {
  return {
    kind: "pairs",
    from: sql.table(table),
    owned: sql<SqlBool>`${sql.ref(`${table}.model_id`)} = logged_models.id`,
    key: sql.ref(`${table}.key`),
    value: sql.ref(`${table}.value`),
  };
}
