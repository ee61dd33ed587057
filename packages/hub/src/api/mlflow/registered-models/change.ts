import { mlflowOperation } from "../operation.ts";
import { text } from "../fields.ts";
import { tagList } from "../tag-fields.ts";
import { guarded } from "./guarded.ts";
import { presentModel } from "./present.ts";

export const createRegisteredModel = mlflowOperation({
  method: "POST",
  path: "/mlflow/registered-models/create",
  name: "mlflowCreateRegisteredModel",
  summary: "Register a model, or a prompt",
  request: { name: text().required(), description: text().or(""), tags: tagList() },
  handle: async ({ services, input }) => ({
    registered_model: presentModel(await services.registeredModels.create(input)),
  }),
});

export const renameRegisteredModel = mlflowOperation({
  method: "POST",
  path: "/mlflow/registered-models/rename",
  name: "mlflowRenameRegisteredModel",
  summary: "Give a registered model another name",
  request: { name: text().required(), new_name: text().required() },
  handle: async ({ services, input }) => ({
    registered_model: presentModel(await services.registeredModels.rename(input.name, input.new_name)),
  }),
});

export const updateRegisteredModel = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/registered-models/update",
  name: "mlflowUpdateRegisteredModel",
  summary: "Describe a registered model anew",
  request: { name: text().required(), description: text().or("") },
  handle: async ({ services, input }) => ({
    registered_model: presentModel(await services.registeredModels.describe(input.name, input.description)),
  }),
});

export const deleteRegisteredModel = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/registered-models/delete",
  name: "mlflowDeleteRegisteredModel",
  summary: "Delete a registered model with its versions",
  request: { name: text().required() },
  handle: async ({ services, input }) => {
    await guarded(services.registeredModels.remove(input.name));
    return undefined;
  },
});

export const setRegisteredModelTag = mlflowOperation({
  method: "POST",
  path: "/mlflow/registered-models/set-tag",
  name: "mlflowSetRegisteredModelTag",
  summary: "Set a tag of a registered model",
  request: { name: text().required(), key: text().required(), value: text().or("") },
  handle: async ({ services, input: { name, key, value } }) => {
    await services.registeredModels.setTag(name, { key, value });
    return undefined;
  },
});

export const deleteRegisteredModelTag = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/registered-models/delete-tag",
  name: "mlflowDeleteRegisteredModelTag",
  summary: "Take a tag of a registered model away",
  request: { name: text().required(), key: text().required() },
  handle: async ({ services, input }) => {
    await services.registeredModels.deleteTag(input.name, input.key);
    return undefined;
  },
});

export const setRegisteredModelAlias = mlflowOperation({
  method: "POST",
  path: "/mlflow/registered-models/alias",
  name: "mlflowSetRegisteredModelAlias",
  summary: "Point an alias to a version",
  request: { name: text().required(), alias: text().required(), version: text().required() },
  handle: async ({ services, input }) => {
    await guarded(services.registeredModels.setAlias(input.name, input.alias, input.version));
    return undefined;
  },
});

export const deleteRegisteredModelAlias = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/registered-models/alias",
  name: "mlflowDeleteRegisteredModelAlias",
  summary: "Take an alias away",
  request: { name: text().required(), alias: text().required() },
  handle: async ({ services, input }) => {
    await services.registeredModels.deleteAlias(input.name, input.alias);
    return undefined;
  },
});
