import { runIds } from "@hearth/wire/hub/runs-table";
import { operation } from "../../operation.ts";

export const deleteRuns = operation({
  method: "POST",
  path: "/runs/delete",
  name: "deleteRuns",
  summary: "Mark runs deleted: all of them or, when one is unknown, none",
  tag: "tracking",
  body: runIds,
  responses: { 204: { description: "Deleted; they can be restored" } },
  handle: ({ services, body }) => services.runs.setActive(body.run_ids, false),
});

export const restoreRuns = operation({
  method: "POST",
  path: "/runs/restore",
  name: "restoreRuns",
  summary: "Bring deleted runs back",
  tag: "tracking",
  body: runIds,
  responses: { 204: { description: "Restored" } },
  handle: ({ services, body }) => services.runs.setActive(body.run_ids, true),
});
