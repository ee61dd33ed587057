import { experiment, experimentName } from "@hearth/wire/hub/experiments";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const createHubExperiment = operation({
  method: "POST",
  path: "/experiments",
  name: "createExperiment",
  summary: "Create an experiment",
  tag: "tracking",
  body: experimentName,
  responses: {
    201: { description: "The experiment", schema: experiment },
    409: { description: "The name is taken" },
  },
  handle: async ({ services, body }) =>
    services.runs.readExperiment(await services.experiments.create({ name: body.name })),
});

export const renameHubExperiment = operation({
  method: "PATCH",
  path: "/experiments/{id}",
  name: "renameExperiment",
  summary: "Rename an experiment",
  tag: "tracking",
  body: experimentName,
  responses: { 200: { description: "The experiment as it is now", schema: experiment } },
  handle: async ({ services, params, body }) => {
    const id = required(params, "id");
    await services.experiments.rename(id, body.name);
    return await services.runs.readExperiment(id);
  },
});

export const deleteHubExperiment = operation({
  method: "DELETE",
  path: "/experiments/{id}",
  name: "deleteExperiment",
  summary: "Mark an experiment and its runs deleted",
  tag: "tracking",
  responses: { 204: { description: "Deleted; it can be restored" } },
  handle: ({ services, params }) => services.experiments.remove(required(params, "id")),
});

export const restoreHubExperiment = operation({
  method: "POST",
  path: "/experiments/{id}/restore",
  name: "restoreExperiment",
  summary: "Bring a deleted experiment and its runs back",
  tag: "tracking",
  responses: { 204: { description: "Restored" } },
  handle: ({ services, params }) => services.experiments.restore(required(params, "id")),
});
