import { text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";

export const deleteExperiment = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/delete",
  name: "mlflowDeleteExperiment",
  summary: "Marks an experiment and its runs deleted",
  request: { experiment_id: text().required() },
  handle: async ({ services, input }) => {
    await services.experiments.remove(input.experiment_id);
    return undefined;
  },
});

export const restoreExperiment = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/restore",
  name: "mlflowRestoreExperiment",
  summary: "Brings a deleted experiment and its runs back",
  request: { experiment_id: text().required() },
  handle: async ({ services, input }) => {
    await services.experiments.restore(input.experiment_id);
    return undefined;
  },
});

export const updateExperiment = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/update",
  name: "mlflowUpdateExperiment",
  summary: "Renames an experiment",
  request: { experiment_id: text().required(), new_name: text().required() },
  handle: async ({ services, input }) => {
    await services.experiments.rename(input.experiment_id, input.new_name);
    return undefined;
  },
});

export const setExperimentTag = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/set-experiment-tag",
  name: "mlflowSetExperimentTag",
  summary: "Sets one tag of an experiment",
  request: { experiment_id: text().required(), key: text().required(), value: text().or("") },
  handle: async ({ services, input: { experiment_id: id, key, value } }) => {
    await services.experiments.setTag(id, { key, value });
    return undefined;
  },
});

export const deleteExperimentTag = mlflowOperation({
  method: "POST",
  path: "/mlflow/experiments/delete-experiment-tag",
  name: "mlflowDeleteExperimentTag",
  summary: "Removes one tag of an experiment",
  request: { experiment_id: text().required(), key: text().required() },
  handle: async ({ services, input }) => {
    await services.experiments.deleteTag(input.experiment_id, input.key);
    return undefined;
  },
});
