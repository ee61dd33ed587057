import { bool, missingValue, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { guarded } from "../registered-models/guarded.ts";
import { presentVersion } from "../registered-models/present.ts";
import { tagList } from "../tag-fields.ts";

export const createModelVersion = mlflowOperation({
  method: "POST",
  path: "/mlflow/model-versions/create",
  name: "mlflowCreateModelVersion",
  summary: "Register artifacts as the next version of a model",
  request: {
    name: text().required(),
    source: text().required(),
    run_id: text(),
    model_id: text(),
    run_link: text().or(""),
    description: text().or(""),
    tags: tagList(),
  },
  handle: async ({ services, input }) => {
    if (input.source === "") throw missingValue("source");
    const version = await services.registeredModels.versions.create({
      name: input.name,
      source: input.source,
      runId: input.run_id ?? null,
      modelId: input.model_id ?? null,
      runLink: input.run_link,
      description: input.description,
      tags: input.tags,
    });
    return { model_version: presentVersion(version) };
  },
});

export const updateModelVersion = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/model-versions/update",
  name: "mlflowUpdateModelVersion",
  summary: "Describe a version anew",
  request: { name: text().required(), version: text().required(), description: text() },
  handle: async ({ services, input }) => {
    const { name, version, description = null } = input;
    return {
      model_version: presentVersion(
        await services.registeredModels.versions.describe(name, version, description),
      ),
    };
  },
});

export const transitionModelVersion = mlflowOperation({
  method: "POST",
  path: "/mlflow/model-versions/transition-stage",
  name: "mlflowTransitionModelVersionStage",
  summary: "Move a version to another stage",
  request: {
    name: text().required(),
    version: text().required(),
    stage: text().required(),
    archive_existing_versions: bool().or(false),
  },
  handle: async ({ services, input }) => {
    const { name, version, stage, archive_existing_versions: archiveOthers } = input;
    return {
      model_version: presentVersion(
        await services.registeredModels.versions.moveTo(name, version, stage, archiveOthers),
      ),
    };
  },
});

export const deleteModelVersion = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/model-versions/delete",
  name: "mlflowDeleteModelVersion",
  summary: "Delete a version",
  request: { name: text().required(), version: text().required() },
  handle: async ({ services, input }) => {
    await guarded(services.registeredModels.versions.remove(input.name, input.version));
    return undefined;
  },
});

export const setModelVersionTag = mlflowOperation({
  method: "POST",
  path: "/mlflow/model-versions/set-tag",
  name: "mlflowSetModelVersionTag",
  summary: "Set a tag of a version",
  request: {
    name: text().required(),
    version: text().required(),
    key: text().required(),
    value: text().or(""),
  },
  handle: async ({ services, input: { name, version, key, value } }) => {
    await services.registeredModels.versions.setTag(name, version, { key, value });
    return undefined;
  },
});

export const deleteModelVersionTag = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/model-versions/delete-tag",
  name: "mlflowDeleteModelVersionTag",
  summary: "Take a tag of a version away",
  request: { name: text().required(), version: text().required(), key: text().required() },
  handle: async ({ services, input }) => {
    await services.registeredModels.versions.deleteTag(input.name, input.version, input.key);
    return undefined;
  },
});
