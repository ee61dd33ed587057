import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments/$experimentId/runs/$runId",
  component: lazyRouteComponent(() => import("./run-page.tsx"), "RunPage"),
});

export const runRoutes = [runRoute] as const;
