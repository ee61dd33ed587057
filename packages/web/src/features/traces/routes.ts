import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/traces",
  component: lazyRouteComponent(() => import("./traces-page.tsx"), "TracesPage"),
});

export const traceRoutes = [tracesRoute] as const;
