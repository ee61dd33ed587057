import type { ViewType } from "../../tracking/runs.ts";
import { enumOf, type Field } from "./fields.ts";

/** Which lifecycle stages an answer has: the active ones unless asked otherwise. */
export function viewType(): Field<ViewType> {
  return enumOf(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]).or("ACTIVE_ONLY");
}
