import { HearthError } from "../../../errors.ts";

/** What the hub refuses because it needs a model is a bad request to MLflow's clients, never a name that is taken. */
export async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== "conflict") throw error;
    const details = { ...error.details, mlflow_code: "BAD_REQUEST" };
    throw new HearthError("conflict", error.message, { cause: error, details });
  }
}
