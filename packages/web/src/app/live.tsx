import { useQueryClient } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";

const pollMs = 5_000;

/** Keeps what is shown true: every query that names topics is asked again every few seconds. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return;
      void queries.invalidateQueries({ predicate: (query) => query.meta?.topics !== undefined });
    }, pollMs);
    return () => clearInterval(timer);
  }, [queries]);
  return children;
}
