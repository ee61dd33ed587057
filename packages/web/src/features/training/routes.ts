import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";

const word = z.string().max(300).optional().catch(undefined);
/** What another page already knows of the job to be made. */
const prefill = z.object({ dataset: word, base: word, model: word, like: word });

const trainingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/training",
  validateSearch: prefill,
  beforeLoad: ({ search }) => {
    if (Object.values(search).some((value) => value !== undefined))
      throw redirect({ to: "/training/new", search, replace: true });
  },
  component: lazyRouteComponent(() => import("./training-page.tsx"), "TrainingPage"),
});

const newJobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/training/new",
  validateSearch: prefill,
  component: lazyRouteComponent(() => import("./new-job-page.tsx"), "NewJobPage"),
});

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/training/jobs/$jobId",
  component: lazyRouteComponent(() => import("./job-page.tsx"), "JobPage"),
});

export const trainingRoutes = [trainingRoute, newJobRoute, jobRoute] as const;
