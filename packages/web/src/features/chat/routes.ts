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
  conversation: z.string().max(100).optional().catch(undefined),
});

const chatRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chat",
  validateSearch: chatSearch,
  component: lazyRouteComponent(() => import("./chat-page.tsx"), "ChatPage"),
});

export const chatRoutes = [chatRoute] as const;
