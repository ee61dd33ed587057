import { loadRequest, servedModel } from "@hearth/wire/hub/serving";
import { keepAliveMs } from "../../keep-alive.ts";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const loadModel = operation({
  method: "POST",
  path: "/models/{id}/load",
  name: "loadModel",
  summary: "Load a model before anybody asks it something; `name`, `name:3` or `name@alias`",
  tag: "models",
  body: loadRequest,
  responses: { 200: { description: "It is loaded", schema: servedModel } },
  handle: ({ services, params, body, signal }) =>
    services.serving.load(required(params, "id"), keepAliveMs(body.keep_alive), signal),
});
