import { health } from "@hearth/wire/hub/health";
import { operation } from "../../operation.ts";

export const getHealth = operation({
  method: "GET",
  path: "/health",
  name: "getHealth",
  summary: "How the hub is",
  tag: "system",
  responses: {
    200: { description: "Healthy or degraded", schema: health },
    503: { description: "The database cannot be reached", schema: health },
  },
  async handle({ services }) {
    const state = await services.operations.health();
    return Response.json(state, { status: state.database === "ok" ? 200 : 503 });
  },
});
