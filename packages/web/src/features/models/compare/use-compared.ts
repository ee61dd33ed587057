import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { hub } from "../../../hub/hub.ts";
import { datasetsQuery } from "../../../hub/queries.ts";
import type { ComparedVersion } from "./differences.ts";

const mostEvaluations = 200;

/** A version by its reference, with its evaluations and files. */
const comparedQuery = (reference: string) =>
  queryOptions({
    queryKey: ["models", "compared", reference],
    queryFn: async ({ signal }): Promise<ComparedVersion> => {
      const numbered = /^(?<name>.+):(?<version>\d+)$/.exec(reference)?.groups;
      // By its number a version is found in whatever state it is.
      const version =
        numbered === undefined
          ? await hub.models.resolve(reference, { signal })
          : await hub.models.version(numbered["name"] ?? "", Number(numbered["version"]), { signal });
      const [evaluations, files] = await Promise.all([
        hub.evaluations.list({ versionId: version.id, pageSize: mostEvaluations, signal }),
        hub.models.files(version.model_id, version.version, { signal }),
      ]);
      return { version, evaluations: evaluations.items, files: files.items };
    },
    meta: { topics: ["models", "evaluations"] },
  });

/** What is compared, in the order of the references; those that are not there (yet) are left out. */
export function useCompared(references: readonly string[]) {
  const compared = useQueries({
    queries: references.map(comparedQuery),
    // Keeps the list the same while nothing changes.
    combine: (results) => ({
      versions: results.flatMap(({ data }) => data ?? []),
      errors: results.flatMap(({ error }, index) =>
        error === null ? [] : [{ reference: references[index] ?? "", error }],
      ),
      pending: results.some(({ isPending }) => isPending),
    }),
  });
  const datasets = useQuery(datasetsQuery);
  return { ...compared, datasets: datasets.data ?? [] };
}
