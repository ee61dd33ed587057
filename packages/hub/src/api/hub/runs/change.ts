import { changeRunRequest, runDetails } from "@hearth/wire/hub/run-details";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const changeHubRun = operation({
  method: "PATCH",
  path: "/runs/{id}",
  name: "changeRun",
  summary: "Change the name, the description or tags of a run: all of it or nothing",
  tag: "tracking",
  body: changeRunRequest,
  responses: {
    200: { description: "The run as it is now", schema: runDetails },
    400: { description: "The run is deleted, or a tag's key cannot be one" },
  },
  handle: async ({ services, params, body }) => {
    const id = required(params, "id");
    await services.runs.editRun(id, body);
    return await services.runs.runDetails(id);
  },
});
