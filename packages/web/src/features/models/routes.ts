import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("./models-page.tsx"), "ModelsPage"),
  validateSearch: z.object({ search: z.string().catch("").optional() }),
});

const modelRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$name",
  component: lazyRouteComponent(() => import("./model-page.tsx"), "ModelPage"),
});

/** MLflow's clients print the same address. */
const versionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$name/versions/$version",
  component: lazyRouteComponent(() => import("./version-page.tsx"), "VersionPage"),
});

export const modelRoutes = [modelsRoute, modelRoute, versionRoute] as const;
