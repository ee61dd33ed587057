import { useQuery } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";
import { modelsQuery, datasetsQuery } from "../../hub/queries.ts";

const pageSize = 200;

/** What a job can be made of: models, datasets, and the versions that the embedded trainer can start from. */
export function useFormChoices() {
  const { data: models, error: modelsError } = useQuery(modelsQuery);
  const { data: datasets, error: datasetsError } = useQuery(datasetsQuery);
  const names = (models ?? []).map(({ name }) => name);
  const { data: bases, error: basesError } = useQuery({
    queryKey: ["models", "bases", names],
    enabled: models !== undefined,
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(names.map((name) => hub.models.versions(name, { pageSize, signal })));
      return pages
        .flatMap(({ items }) => items)
        .filter(({ status, kind, summary }) => status === "ready" && kind === "full" && isTrainable(summary))
        .map(({ model, version }) => `${model}:${version}`);
    },
  });
  return {
    models,
    // A name stands for its newest version, however many there are.
    datasets: datasets && [...new Set(datasets.map(({ name }) => name))],
    bases,
    error: modelsError ?? datasetsError ?? basesError,
  };
}

/** The trainer reads GGUF files of Llama's architecture. */
function isTrainable(summary: Record<string, string | number | boolean> | null): boolean {
  return summary?.["format"] !== "mlx" && summary?.["architecture"] === "llama";
}
