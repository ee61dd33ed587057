import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";
import { chartsSearch, compareSearch } from "./charts/charts-search.ts";
import { compareSearchOf, metricLink } from "./mlflow-metric-link.ts";
import { tableSearch } from "./table/table-search.ts";

const ids = z.array(z.coerce.string()).catch([]);

const experimentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments",
  validateSearch: z.object({ search: z.string().catch(""), deleted: z.boolean().catch(false) }).partial(),
  component: lazyRouteComponent(() => import("./experiments-page.tsx"), "ExperimentsPage"),
});

const experimentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId",
  validateSearch: tableSearch,
  component: lazyRouteComponent(() => import("./runs-page.tsx"), "RunsPage"),
});

/** As MLflow's pages and clients link to the runs of an experiment. */
const experimentRunsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId/runs",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/experiments/$experimentId", params, replace: true });
  },
});

const chartsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId/charts",
  validateSearch: chartsSearch,
  component: lazyRouteComponent(() => import("./charts/charts-page.tsx"), "ChartsPage"),
});

const severalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare-experiments/s",
  validateSearch: tableSearch.extend({ experiments: ids }),
  component: lazyRouteComponent(() => import("./several-page.tsx"), "SeveralPage"),
});

const severalChartsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare-experiments/s/charts",
  validateSearch: chartsSearch.extend({ experiments: ids }),
  component: lazyRouteComponent(() => import("./charts/several-charts-page.tsx"), "SeveralChartsPage"),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare-runs",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./compare/compare-page.tsx"), "ComparePage"),
});

/** As MLflow's page links to the chart of a metric: `/metric?runs=…&metric="loss"` and `/metric/loss?runs=…`. */
const metricRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/metric/$",
  validateSearch: metricLink,
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: "/compare-runs", search: compareSearchOf(search, params._splat), replace: true });
  },
});

export const experimentRoutes = [
  experimentsRoute,
  experimentRoute,
  experimentRunsRoute,
  chartsRoute,
  severalRoute,
  severalChartsRoute,
  compareRoute,
  metricRoute,
] as const;
