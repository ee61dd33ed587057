import { queryOptions } from "@tanstack/react-query";
import { hub } from "../hub/hub.ts";

/** The hub's version; another one may have come in its place when it was away. */
export const versionQuery = queryOptions({
  queryKey: ["version"],
  queryFn: async ({ signal }) => (await hub.health({ signal })).version,
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnReconnect: "always",
});
