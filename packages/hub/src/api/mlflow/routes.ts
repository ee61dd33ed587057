import type { Operation } from "../operation.ts";

/** MLflow's REST API, one list a domain. */
export const mlflowOperations: readonly Operation[] = [];
