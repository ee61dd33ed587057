import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";
import { compareSearch, referencesOf } from "./compare/compare-search.ts";

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("./models-page.tsx"), "ModelsPage"),
  validateSearch: z.object({
    search: z.coerce.string().optional().catch(undefined),
    /** Bases whose adapters are folded or unfolded otherwise than they usually are. */
    toggled: z.array(z.coerce.string()).optional().catch(undefined),
    page: z.int().min(1).optional().catch(undefined),
  }),
});

const modelRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$name",
  validateSearch: z.object({
    /** Of the versions. */
    page: z.int().min(1).optional().catch(undefined),
    /** Whose history is looked at. */
    alias: z.coerce.string().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import("./model-page.tsx"), "ModelPage"),
});

/** MLflow's clients print the same address. */
const versionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$name/versions/$version",
  component: lazyRouteComponent(() => import("./version-page.tsx"), "VersionPage"),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare-versions",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./compare/compare-page.tsx"), "ComparePage"),
});

/** `#/models/ember/compare?versions=2,3`, which is easily written by hand. */
const compareOwnRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$name/compare",
  validateSearch: z.object({ versions: z.coerce.string().catch("") }),
  beforeLoad: ({ params, search }) => {
    throw redirect({
      to: "/compare-versions",
      search: { of: referencesOf(params.name, search.versions) },
      replace: true,
    });
  },
});

export const modelRoutes = [modelsRoute, modelRoute, versionRoute, compareRoute, compareOwnRoute] as const;
