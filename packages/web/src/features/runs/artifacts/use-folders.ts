import { useQueries } from "@tanstack/react-query";
import { hub } from "../../../hub/hub.ts";
import type { Folder } from "./tree-rows.ts";

/** Entries of a folder that are asked for at once. */
const pageSize = 5_000;

/**
 * What is in the folders of a run's artifacts, each so many pages of it. A folder is in the map as soon as its
 * first page has come.
 */
export function useFolders(
  runId: string,
  pages: ReadonlyMap<string, number>,
): { folders: ReadonlyMap<string, Folder>; error: Error | null; pending: boolean } {
  const parts = [...pages].flatMap(([path, count]) =>
    Array.from({ length: count }, (_, page) => ({ path, offset: page * pageSize })),
  );
  return useQueries({
    queries: parts.map(({ path, offset }) => ({
      queryKey: ["runs", runId, "artifacts", path, offset],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        hub.runs.artifacts(runId, { path, offset, limit: pageSize, signal }),
      meta: { topics: ["artifacts"] as const },
    })),
    combine: (results) => {
      const folders = new Map<string, Folder>();
      results.forEach(({ data }) => {
        if (data === undefined) return;
        const before = folders.get(data.path)?.items ?? [];
        folders.set(data.path, { items: [...before, ...data.items], total: data.total });
      });
      const error = results.find((result) => result.error !== null)?.error ?? null;
      return { folders, error, pending: results.some((result) => result.isPending) };
    },
  });
}
