import { pageQuery } from "@hearth/wire/hub/common";
import { jobStatus, trainingJobPage } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";

export const listJobs = operation({
  method: "GET",
  path: "/training/jobs",
  name: "listJobs",
  summary: "All jobs, newest first; with `status`, those only",
  tag: "training",
  query: pageQuery.extend({ status: jobStatus.optional() }),
  responses: { 200: { description: "A page of jobs", schema: trainingJobPage } },
  handle: ({ services, query: { status, ...page } }) => services.training.list(page, status),
});
