import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../routing/root.ts";

const trainingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/training",
  component: lazyRouteComponent(() => import("./training-page.tsx"), "TrainingPage"),
});

export const trainingRoutes = [trainingRoute] as const;
