import { operation } from "../../operation.ts";
import { required } from "../../required.ts";

export const cancelRunningRequest = operation({
  method: "DELETE",
  path: "/serving/requests/{trace_id}",
  name: "cancelRunningRequest",
  summary: "Stops a request that is being answered; its client gets an error that says so",
  tag: "serving",
  responses: { 204: { description: "It is being stopped" } },
  async handle({ services, params }) {
    services.runningRequests.cancel(required(params, "trace_id"));
  },
});
