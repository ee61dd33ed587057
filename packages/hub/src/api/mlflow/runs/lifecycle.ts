import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";

export const deleteRun = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/delete",
  name: "mlflowDeleteRun",
  summary: "Marks a run deleted",
  request: { run_id: text().required() },
  handle: async ({ services, input }) => {
    await services.runs.deleteRun(input.run_id);
    return undefined;
  },
});

export const restoreRun = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/restore",
  name: "mlflowRestoreRun",
  summary: "Brings a deleted run back",
  request: { run_id: text().required() },
  handle: async ({ services, input }) => {
    await services.runs.restoreRun(input.run_id);
    return undefined;
  },
});
