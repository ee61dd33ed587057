import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";
import { mlflowSearch, tracesSearch } from "./search.ts";

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/traces",
  validateSearch: tracesSearch,
  component: lazyRouteComponent(() => import("./traces-page.tsx"), "TracesPage"),
});

/** MLflow's clients print `#/experiments/1/traces?selectedEvaluationId=tr-…`. */
const experimentTracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId/traces",
  validateSearch: mlflowSearch,
  beforeLoad: ({ params, search }) => {
    throw redirect({
      to: "/traces",
      replace: true,
      search: {
        experiment: params.experimentId,
        trace: search.selectedEvaluationId ?? search.selectedTraceId,
      },
    });
  },
});

export const traceRoutes = [tracesRoute, experimentTracesRoute] as const;
