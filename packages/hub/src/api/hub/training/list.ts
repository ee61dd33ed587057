import { listJobsQuery, trainingJobPage } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";

export const listJobs = operation({
  method: "GET",
  path: "/training/jobs",
  name: "listJobs",
  summary: "All jobs, newest first; with `status`, `kind` or `version_id`, those only",
  tag: "training",
  query: listJobsQuery,
  responses: { 200: { description: "A page of jobs", schema: trainingJobPage } },
  handle: ({ services, query: { status, kind, version_id, ...page } }) =>
    services.training.list(page, status, { kind, version_id }),
});
