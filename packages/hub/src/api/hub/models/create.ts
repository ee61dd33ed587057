import { createModelRequest, model } from "@hearth/wire/hub/models";
import { operation } from "../../operation.ts";

export const createModel = operation({
  method: "POST",
  path: "/models",
  name: "createModel",
  summary:
    "Register a model; with `path`, a GGUF file or a folder with a model for MLX becomes its version 1",
  tag: "models",
  body: createModelRequest,
  responses: { 201: { description: "The model", schema: model }, 409: { description: "The name is taken" } },
  handle: ({ services, body, signal }) => services.models.create(body, signal),
});
