import type { Instant, Json } from "./columns.ts";

export interface DatasetTable {
  id: string;
  name: string;
  version: number;
  path: string;
  /** Folder of the immutable copy. */
  stored_path: string;
  checksum: string;
  format: string;
  schema: Json;
  rows: number;
  splits: Json;
  labels: Json;
  created_at: Instant;
}
