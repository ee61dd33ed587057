import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const deleteModel = operation({
  method: "DELETE",
  path: "/models/{id}",
  name: "deleteModel",
  summary: "Delete a model, its versions and their files",
  tag: "models",
  responses: {
    204: { description: "Deleted" },
    409: { description: "Another model or a job depends on it" },
  },
  handle: ({ services, params }) => services.models.remove(required(params, "id")),
});
