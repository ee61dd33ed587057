import { createRootRoute } from "@tanstack/react-router";

/** Parent of every feature's routes; `app/router.ts` gives it the shell and its children. */
export const rootRoute = createRootRoute();
