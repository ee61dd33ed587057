import { dataset as datasetSchema, type Dataset } from "@hearth/wire/hub/datasets";
import { toIso } from "../storage/instant.ts";
import type { DatasetTable } from "../storage/tables/datasets.ts";
import { presentOrigin } from "./origin.ts";

const {
  format: formatSchema,
  schema: schemaSchema,
  splits: splitsSchema,
  labels: labelsSchema,
} = datasetSchema.shape;

/** A row of the table as a dataset is on the wire. */
export function presentDataset(row: DatasetTable): Dataset {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    path: row.path,
    checksum: row.checksum,
    format: formatSchema.parse(row.format),
    schema: schemaSchema.parse(JSON.parse(row.schema)),
    rows: row.rows,
    splits: splitsSchema.parse(JSON.parse(row.splits)),
    labels: labelsSchema.parse(JSON.parse(row.labels)),
    ...presentOrigin(row.origin),
    created_at: toIso(row.created_at),
  };
}
