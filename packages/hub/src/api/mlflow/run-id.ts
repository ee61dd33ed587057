import { missingValue } from "./fields.ts";

/** The run that a request names; MLflow's first clients call its id `run_uuid`. */
export function runIdOf(input: { run_id: string | undefined; run_uuid: string | undefined }): string {
  const id = input.run_id ?? input.run_uuid ?? "";
  if (id === "") throw missingValue("run_id");
  return id;
}
