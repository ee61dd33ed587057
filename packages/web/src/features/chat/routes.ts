import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { rootRoute } from "../../routing/root.ts";

/** At most so many models answer one prompt beside each other. */
export const mostColumns = 4;

const models = z
  .union([z.array(z.string()), z.string().transform((list) => list.split(","))])
  .transform((names) =>
    [...new Set(names.map((name) => name.trim()))].filter((name) => name !== "").slice(0, mostColumns),
  );

const chatSearch = z.object({
  /** Who answers: a list, or names with commas between them. */
  model: models.optional().catch(undefined),
  conversation: z.string().max(200).optional().catch(undefined),
});

const chatRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chat",
  validateSearch: chatSearch,
  component: lazyRouteComponent(() => import("./chat-page.tsx"), "ChatPage"),
});

const chatSettingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chat/settings",
  validateSearch: z.object({ page: z.coerce.number().int().min(1).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import("./chat-settings-page.tsx"), "ChatSettingsPage"),
});

export const chatRoutes = [chatRoute, chatSettingsRoute] as const;
