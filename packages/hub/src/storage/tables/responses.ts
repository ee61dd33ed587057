import type { Instant, Json } from "./columns.ts";

/** Answers of `POST /v1/responses` that later ones may go on from. */
export interface ResponseTable {
  /** `resp_…` */
  id: string;
  /** The one it went on from; that may be gone. */
  previous_id: string | null;
  /** What it was asked beside what came before: a list of items. */
  input: Json;
  /** The whole answer, as it was sent. */
  response: Json;
  created_at: Instant;
}
