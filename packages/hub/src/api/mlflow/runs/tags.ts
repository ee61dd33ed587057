import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";

export const setTag = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/set-tag",
  name: "mlflowSetTag",
  summary: "Sets one tag of a run",
  request: { run_id: text().required(), key: text().required(), value: text().or("") },
  handle: async ({ services, input: { run_id: runId, key, value } }) => {
    await services.runs.setTag(runId, { key, value });
    return undefined;
  },
});

export const deleteTag = mlflowOperation({
  method: "POST",
  path: "/mlflow/runs/delete-tag",
  name: "mlflowDeleteTag",
  summary: "Removes one tag of a run",
  request: { run_id: text().required(), key: text().required() },
  handle: async ({ services, input }) => {
    await services.runs.deleteTag(input.run_id, input.key);
    return undefined;
  },
});
