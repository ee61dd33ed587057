import { createHashHistory, createRouter } from "@tanstack/react-router";
import { chatRoutes } from "../features/chat/routes.ts";
import { datasetRoutes } from "../features/datasets/routes.ts";
import { experimentRoutes } from "../features/experiments/routes.ts";
import { homeRoutes } from "../features/home/routes.ts";
import { modelRoutes } from "../features/models/routes.ts";
import { runRoutes } from "../features/runs/routes.ts";
import { servingRoutes } from "../features/serving/routes.ts";
import { settingsRoutes } from "../features/settings/routes.ts";
import { traceRoutes } from "../features/traces/routes.ts";
import { trainingRoutes } from "../features/training/routes.ts";
import { rootRoute } from "../routing/root.ts";
import { NotFound } from "./not-found.tsx";
import { RouteError } from "./route-error.tsx";
import { Shell } from "./shell.tsx";

rootRoute.update({ component: Shell, notFoundComponent: NotFound });

const routeTree = rootRoute.addChildren([
  ...homeRoutes,
  ...chatRoutes,
  ...experimentRoutes,
  ...runRoutes,
  ...modelRoutes,
  ...datasetRoutes,
  ...trainingRoutes,
  ...traceRoutes,
  ...servingRoutes,
  ...settingsRoutes,
]);

/**
 * Addresses live behind the `#`: the paths of the API (`/models`, `/datasets`) stay the API's, the hub serves
 * one document, and the links that MLflow's clients print (`/#/experiments/1/runs/…`) open here as they are.
 */
export const router = createRouter({
  routeTree,
  history: createHashHistory(),
  defaultPreload: "intent",
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
