import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";

const experimentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/experiments",
  component: lazyRouteComponent(() => import("./experiments-page.tsx"), "ExperimentsPage"),
});

export const experimentRoutes = [experimentsRoute] as const;
