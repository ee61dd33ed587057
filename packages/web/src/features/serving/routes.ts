import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";

const servingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/serving",
  component: lazyRouteComponent(() => import("./serving-page.tsx"), "ServingPage"),
});

export const servingRoutes = [servingRoute] as const;
