import { modelVersion } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const resolveVersion = operation({
  method: "GET",
  path: "/versions/{reference}",
  name: "resolveVersion",
  summary: "The version that a reference stands for: `name`, `name:3`, `name@alias` or an id",
  tag: "models",
  responses: {
    200: { description: "The version", schema: modelVersion },
    409: { description: "It is not ready" },
  },
  handle: ({ services, params }) => services.models.resolve(required(params, "reference")),
});
