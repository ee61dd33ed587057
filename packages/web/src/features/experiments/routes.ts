import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";
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

const severalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare-experiments/s",
  validateSearch: tableSearch.extend({ experiments: ids }),
  component: lazyRouteComponent(() => import("./several-page.tsx"), "SeveralPage"),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare-runs",
  validateSearch: z.object({ runs: ids, experiments: ids.optional() }),
  component: lazyRouteComponent(() => import("./compare/compare-page.tsx"), "ComparePage"),
});

export const experimentRoutes = [
  experimentsRoute,
  experimentRoute,
  experimentRunsRoute,
  severalRoute,
  compareRoute,
] as const;
