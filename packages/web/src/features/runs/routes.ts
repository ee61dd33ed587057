import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { chartSearch } from "../../components/chart/chart-search.ts";
import { rootRoute } from "../../routing/root.ts";

/** What the address of a run holds beside the run: the tab, and how its charts are drawn. */
const runSearch = z.object({
  tab: z.enum(["overview", "metrics", "system"]).optional().catch(undefined),
  ...chartSearch,
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId/runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("./run-page.tsx"), "RunPage"),
});

export const runRoutes = [runRoute] as const;
