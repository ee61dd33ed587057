import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";
import { runSearch } from "./search.ts";

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId/runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("./run-page.tsx"), "RunPage"),
});

// The tabs are named as in the links of MLflow's pages.
const overviewRoute = createRoute({
  getParentRoute: () => runRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./overview/overview-tab.tsx"), "OverviewTab"),
});
const modelMetricsRoute = createRoute({
  getParentRoute: () => runRoute,
  path: "/model-metrics",
  component: lazyRouteComponent(() => import("./metrics-tab.tsx"), "ModelMetricsTab"),
});
const systemMetricsRoute = createRoute({
  getParentRoute: () => runRoute,
  path: "/system-metrics",
  component: lazyRouteComponent(() => import("./metrics-tab.tsx"), "SystemMetricsTab"),
});
const runTracesRoute = createRoute({
  getParentRoute: () => runRoute,
  path: "/traces",
  component: lazyRouteComponent(() => import("./traces-tab.tsx"), "TracesTab"),
});
const artifactsRoute = createRoute({
  getParentRoute: () => runRoute,
  path: "/artifacts/$",
  component: lazyRouteComponent(() => import("./artifacts/artifacts-tab.tsx"), "ArtifactsTab"),
});

/** As MLflow's pages named an artifact before version 2.10. */
const artifactPathRoute = createRoute({
  getParentRoute: () => runRoute,
  path: "/artifactPath/$",
  beforeLoad: ({ params }) => {
    throw redirect({
      to: "/experiments/$experimentId/runs/$runId/artifacts/$",
      params,
      search: true,
      replace: true,
    });
  },
});

/** A run without its experiment, as MLflow's links may name it. */
const anyRunRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$runId",
  component: lazyRouteComponent(() => import("./any-run.tsx"), "AnyRun"),
});

export const runRoutes = [
  runRoute.addChildren([
    overviewRoute,
    modelMetricsRoute,
    systemMetricsRoute,
    runTracesRoute,
    artifactsRoute,
    artifactPathRoute,
  ]),
  anyRunRoute,
] as const;
