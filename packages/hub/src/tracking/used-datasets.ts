import type { Database } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";

/** Data that runs of an experiment have read, and what for. */
export interface UsedDataset {
  experimentId: string;
  name: string;
  digest: string;
  context: string | null;
}

const atMost = 1000;

const used = new ListQuery<{
  experiment_id: string;
  name: string;
  digest: string;
  context: string | null;
}>((dialect) => {
  const context =
    dialect === "sqlite"
      ? "(select value ->> 'value' from json_each(run_dataset_inputs.tags) where value ->> 'key' = 'mlflow.data.context' limit 1)"
      : "(select tag ->> 'value' from jsonb_array_elements(run_dataset_inputs.tags::jsonb) tag where tag ->> 'key' = 'mlflow.data.context' limit 1)";
  return `select distinct experiment_id, name, digest, ${context} as context
    from tracked_datasets join run_dataset_inputs on run_dataset_inputs.dataset_id = tracked_datasets.id
    where experiment_id ${anyOf(dialect)} order by 1, 2, 3, 4 limit ${atMost}`;
});

/** Distinct by all four fields, at most 1,000. */
export async function usedDatasets(
  { db }: Database,
  experimentIds: readonly string[],
): Promise<UsedDataset[]> {
  const rows = await used.run(db, experimentIds);
  return rows.map(({ experiment_id, name, digest, context }) => ({
    experimentId: experiment_id,
    name,
    digest,
    context,
  }));
}
