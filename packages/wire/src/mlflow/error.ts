import { z } from "zod";

/** The body of every error of MLflow's REST API. */
export const mlflowError = z.object({ error_code: z.string(), message: z.string() });

export type MlflowError = z.infer<typeof mlflowError>;
