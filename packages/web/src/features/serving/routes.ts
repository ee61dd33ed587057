import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";
import { servingSearch } from "./search.ts";

const servingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/serving",
  validateSearch: servingSearch,
  component: lazyRouteComponent(() => import("./serving-page.tsx"), "ServingPage"),
});

export const servingRoutes = [servingRoute] as const;
