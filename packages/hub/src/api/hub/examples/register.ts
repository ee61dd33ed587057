import { dataset } from "@hearth/wire/hub/datasets";
import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const registerExample = operation({
  method: "POST",
  path: "/examples/{name}",
  name: "registerExample",
  summary: "Register a data set that comes with Hearth; the existing one when it is registered",
  tag: "datasets",
  responses: { 200: { description: "The data set", schema: dataset } },
  handle: ({ services, params, signal }) => services.examples.register(required(params, "name"), signal),
});
