import { splitName } from "@hearth/wire/hub/datasets";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";

const datasetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets",
  component: lazyRouteComponent(() => import("./datasets-page.tsx"), "DatasetsPage"),
});

const datasetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets/$name",
  component: lazyRouteComponent(() => import("./dataset-page.tsx"), "DatasetPage"),
  validateSearch: z.object({
    split: splitName.optional().catch(undefined),
    page: z.int().min(1).optional().catch(undefined),
  }),
});

export const datasetRoutes = [datasetsRoute, datasetRoute] as const;
