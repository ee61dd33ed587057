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
  /** The files that it was made from, the mapping and the division; null: registered before they were kept. */
  origin: Json | null;
  created_at: Instant;
}

/** What was counted over all rows of a content; primary key (checksum, counted). */
export interface DatasetStatisticsTable {
  /** Of the dataset's content. */
  checksum: string;
  /** What was counted: the rows as they are, or their tokens for one tokenizer. */
  counted: string;
  statistics: Json;
}
