import { sql, type SqlBool } from "kysely";
import { compare } from "./compare.ts";
import type { Layout, WriteCondition } from "./layout.ts";

/** Where what is said of a run is stored; the searched table is `runs`. */
export const runsLayout: Layout = {
  attribute: {
    kind: "columns",
    columns: {
      run_id: sql.ref("runs.id"),
      run_name: sql.ref("runs.name"),
      user_id: sql.ref("runs.user_id"),
      status: sql.ref("runs.status"),
      start_time: sql.ref("runs.started_at"),
      end_time: sql.ref("runs.ended_at"),
      artifact_uri: sql`(select rtrim(coalesce(experiments.artifact_location, 'mlflow-artifacts:/' || experiments.id), '/')
        || '/' || runs.id || '/artifacts' from experiments where experiments.id = runs.experiment_id)`,
    },
  },
  metric: {
    kind: "pairs",
    from: sql`metric_series`,
    owned: sql<SqlBool>`metric_series.run_id = runs.id`,
    key: sql.ref("metric_series.key"),
    value: sql.ref("metric_series.value"),
    nan: sql.ref("metric_series.is_nan"),
  },
  param: pairs("run_params"),
  tag: pairs("run_tags"),
  dataset: {
    kind: "rows",
    from: sql`run_dataset_inputs join tracked_datasets on tracked_datasets.id = run_dataset_inputs.dataset_id`,
    owned: sql<SqlBool>`run_dataset_inputs.run_id = runs.id`,
    columns: { name: sql.ref("tracked_datasets.name"), digest: sql.ref("tracked_datasets.digest") },
    other: datasetContext(),
    together: false,
  },
};

function pairs(table: string): Layout[string] {
  return {
    kind: "pairs",
    from: sql.table(table),
    owned: sql<SqlBool>`${sql.ref(`${table}.run_id`)} = runs.id`,
    key: sql.ref(`${table}.key`),
    value: sql.ref(`${table}.value`),
  };
}

/** The context of an input is one of its tags, a list of objects in JSON. */
function datasetContext(): WriteCondition {
  return (condition, dialect) => {
    const tags =
      dialect === "sqlite"
        ? sql`json_each(run_dataset_inputs.tags) as tag`
        : sql`jsonb_array_elements(run_dataset_inputs.tags::jsonb) as tag(value)`;
    const field = (name: string) => sql`(tag.value ->> ${sql.lit(name)})`;
    return sql<SqlBool>`exists (select 1 from ${tags}
      where ${field("key")} = 'mlflow.data.context' and ${compare(dialect, field("value"), condition)})`;
  };
}
