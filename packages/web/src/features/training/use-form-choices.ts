import { useQuery } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";
import { modelsQuery, datasetsQuery } from "../../hub/queries.ts";

/** What a job can be made of: models, datasets, the versions that it can start from, and what computes it. */
export function useFormChoices() {
  const { data: models, error: modelsError } = useQuery(modelsQuery);
  const { data: datasets, error: datasetsError } = useQuery(datasetsQuery);
  const { data: bases, error: basesError } = useQuery({
    queryKey: ["models", "bases"],
    queryFn: ({ signal }) => hub.jobs.bases({ signal }),
    meta: { topics: ["models"] },
  });
  const { data: trainers, error: trainersError } = useQuery({
    queryKey: ["training", "trainers"],
    queryFn: ({ signal }) => hub.jobs.trainers({ signal }),
  });
  return {
    trainers,
    models,
    // A name stands for its newest version, however many there are.
    datasets: datasets && [...new Set(datasets.map(({ name }) => name))],
    bases,
    error: modelsError ?? datasetsError ?? basesError ?? trainersError,
  };
}
