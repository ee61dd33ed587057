import { servedModel } from "@hearth/wire/hub/serving";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const pinModel = operation({
  method: "POST",
  path: "/models/{id}/pin",
  name: "pinModel",
  summary: "Keep a model's weights loaded, whatever else needs the room; loads them now",
  tag: "models",
  responses: { 200: { description: "It is loaded and stays", schema: servedModel } },
  handle: ({ services, params, signal }) => services.serving.pin(required(params, "id"), signal),
});

export const unpinModel = operation({
  method: "POST",
  path: "/models/{id}/unpin",
  name: "unpinModel",
  summary: "Let a model be unloaded again when it is unused",
  tag: "models",
  responses: { 200: { description: "It is pinned no more", schema: servedModel } },
  handle: ({ services, params }) => services.serving.unpin(required(params, "id")),
});
