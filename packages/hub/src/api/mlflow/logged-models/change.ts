import type { ModelStatus } from "../../../tracking/logged-models/logged-models.ts";
import { required } from "../../required.ts";
import { enumOf, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { tagList } from "../tag-fields.ts";
import { presentModel } from "./present.ts";

export const createLoggedModel = mlflowOperation({
  method: "POST",
  path: "/mlflow/logged-models",
  name: "mlflowCreateLoggedModel",
  summary: "A model whose files are about to come",
  request: {
    experiment_id: text().required(),
    name: text(),
    model_type: text(),
    source_run_id: text(),
    params: tagList(),
    tags: tagList(),
  },
  handle: async ({ services, input }) => {
    const model = await services.loggedModels.create({
      experimentId: input.experiment_id,
      name: input.name === "" ? undefined : input.name,
      modelType: input.model_type,
      sourceRunId: input.source_run_id,
      params: input.params,
      tags: input.tags,
    });
    return { model: presentModel(model) };
  },
});

const statuses: Readonly<Record<string, ModelStatus>> = {
  LOGGED_MODEL_PENDING: "PENDING",
  LOGGED_MODEL_READY: "READY",
  LOGGED_MODEL_UPLOAD_FAILED: "FAILED",
};

export const finalizeLoggedModel = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/logged-models/{model_id}",
  name: "mlflowFinalizeLoggedModel",
  summary: "Says that a model's files are there, or will not come",
  request: {
    status: enumOf(["LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"]).required(),
  },
  handle: async ({ services, params, input }) => {
    const status = statuses[input.status] ?? "PENDING";
    return {
      model: presentModel(await services.loggedModels.setStatus(required(params, "model_id"), status)),
    };
  },
});

export const deleteLoggedModel = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/logged-models/{model_id}",
  name: "mlflowDeleteLoggedModel",
  summary: "Takes a model out of every listing",
  handle: async ({ services, params }) => {
    await services.loggedModels.remove(required(params, "model_id"));
    return undefined;
  },
});

export const logLoggedModelParams = mlflowOperation({
  method: "POST",
  path: "/mlflow/logged-models/{model_id}/params",
  name: "mlflowLogLoggedModelParams",
  summary: "More parameters of a model",
  request: { params: tagList() },
  handle: async ({ services, params, input }) => {
    await services.loggedModels.logParams(required(params, "model_id"), input.params);
    return undefined;
  },
});

export const setLoggedModelTags = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/logged-models/{model_id}/tags",
  name: "mlflowSetLoggedModelTags",
  summary: "Sets tags of a model",
  request: { tags: tagList() },
  handle: async ({ services, params, input }) => {
    await services.loggedModels.setTags(required(params, "model_id"), input.tags);
    return undefined;
  },
});

export const deleteLoggedModelTag = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/logged-models/{model_id}/tags/{tag_key}",
  name: "mlflowDeleteLoggedModelTag",
  summary: "Removes one tag of a model",
  handle: async ({ services, params }) => {
    await services.loggedModels.deleteTag(required(params, "model_id"), required(params, "tag_key"));
    return undefined;
  },
});
