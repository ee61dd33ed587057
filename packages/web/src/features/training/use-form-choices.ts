import { useQuery } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";
import { modelsQuery, datasetsQuery } from "../../hub/queries.ts";

/** What a job can be made of: models, datasets, and the versions that it can start from. */
export function useFormChoices() {
  const { data: models, error: modelsError } = useQuery(modelsQuery);
  const { data: datasets, error: datasetsError } = useQuery(datasetsQuery);
  const { data: bases, error: basesError } = useQuery({
    queryKey: ["models", "bases"],
    queryFn: ({ signal }) => hub.jobs.bases({ signal }),
    meta: { topics: ["models"] },
  });
  return {
    models,
    // A name stands for its newest version, however many there are.
    datasets: datasets && [...new Set(datasets.map(({ name }) => name))],
    bases,
    error: modelsError ?? datasetsError ?? basesError,
  };
}
