import { HearthApiError } from "@hearth/sdk";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import {
  IconCube,
  IconDatabase,
  IconFlask,
  IconListDetails,
  IconMessages,
  IconRoute,
  IconSchool,
} from "@tabler/icons-react";
import { z } from "zod";
import { hub } from "../../hub/hub.ts";
import { datasetsQuery, modelNamesQuery, modelsQuery } from "../../hub/queries.ts";
import {
  chatAddress,
  datasetAddress,
  experimentAddress,
  jobAddress,
  modelAddress,
  runAddress,
  traceAddress,
} from "../../routing/addresses.ts";
import type { Finding } from "./finding.ts";
import { bestOf, looksLikeId, runNameFilter } from "./matching.ts";

/** Of each kind. */
const most = 5;
const settleMs = 150;
/** The API's own bounds for one page of jobs, and for the experiments of one search. */
const mostJobs = 200;
const mostExperiments = 100;

/** What the hub has by this name. What was asked before is dropped as soon as something else is typed. */
export function useFindings(query: string): { findings: Finding[]; searching: boolean; error: Error | null } {
  const asked = query.trim();
  const [settled] = useDebouncedValue(asked, settleMs);
  const wanted = settled !== "";
  const models = useQuery(modelsQuery);
  const names = useQuery(modelNamesQuery);
  const datasets = useQuery(datasetsQuery);
  const jobs = useQuery({
    queryKey: ["training", "newest", mostJobs],
    queryFn: async ({ signal }) => (await hub.jobs.list({ pageSize: mostJobs, signal })).items,
    meta: { topics: ["jobs"] },
  });
  const remote = useQuery({
    queryKey: ["palette", settled],
    enabled: wanted,
    queryFn: ({ signal }) => lookUp(settled, signal),
  });
  if (asked === "") return { findings: [], searching: false, error: null };
  const ownNames = (models.data ?? []).map(({ name }) => name);
  const datasetNames = [...new Set((datasets.data ?? []).map(({ name }) => name))];
  const findings: Finding[] = [
    ...bestOf(asked, ownNames, String, most).map((name) => ({
      key: `model ${name}`,
      group: "Models",
      label: name,
      icon: IconCube,
      to: modelAddress(name),
    })),
    ...bestOf(asked, datasetNames, String, most).map((name) => ({
      key: `dataset ${name}`,
      group: "Datasets",
      label: name,
      icon: IconDatabase,
      to: datasetAddress(name),
    })),
    // What was found by an earlier text must not be what Enter takes.
    ...((settled === asked ? remote.data : undefined) ?? []),
    ...bestOf(
      asked,
      jobs.data ?? [],
      (job) => `${job.model}:${job.version} ${job.dataset} ${job.id}`,
      most,
    ).map((job) => ({
      key: `job ${job.id}`,
      group: "Jobs",
      label: `${job.model}:${job.version} on ${job.dataset}`,
      description: `${job.status} · ${job.id}`,
      icon: IconSchool,
      to: jobAddress(job.id),
    })),
    ...bestOf(asked, names.data ?? [], (name) => `${name} chat with`, most).map((name) => ({
      key: `chat ${name}`,
      group: "Chat",
      label: `Chat with ${name}`,
      icon: IconMessages,
      to: chatAddress(name),
    })),
  ];
  return {
    findings,
    searching: settled !== asked || remote.isFetching,
    error: models.error ?? datasets.error ?? jobs.error ?? names.error ?? remote.error,
  };
}

/** Experiments, runs and traces are too many to be known here: the hub searches them. */
async function lookUp(query: string, signal: AbortSignal): Promise<Finding[]> {
  const [found, newest, traces] = await Promise.all([
    hub.experiments.list({ search: query.slice(0, 500), pageSize: most, signal }),
    hub.experiments.list({ pageSize: mostExperiments, signal }),
    looksLikeId(query) ? tracesOf(query, signal) : [],
  ]);
  const ids = newest.items.map(({ id }) => id);
  const filters = [runNameFilter(query)];
  if (looksLikeId(query)) filters.push(`attributes.run_id = '${query}'`);
  const runs =
    ids.length === 0
      ? []
      : await Promise.all(
          filters.map((filter) =>
            hub.runs.search({ experiment_ids: ids, filter, limit: most, columns: [] }, { signal }),
          ),
        );
  return [
    ...found.items.map(({ id, name }) => ({
      key: `experiment ${id}`,
      group: "Experiments",
      label: name,
      icon: IconFlask,
      to: experimentAddress(id),
    })),
    ...runs
      .flatMap(({ items }) => items)
      .map((run) => ({
        key: `run ${run.id}`,
        group: "Runs",
        label: run.name ?? run.id,
        description: `${newest.items.find(({ id }) => id === run.experiment_id)?.name ?? ""} · ${run.id}`,
        icon: IconListDetails,
        to: runAddress(run.experiment_id, run.id),
      })),
    ...traces.map(({ id, name }) => ({
      key: `trace ${id}`,
      group: "Traces",
      label: name ?? id,
      description: id,
      icon: IconRoute,
      to: traceAddress(id),
    })),
  ];
}

/** By the trace's id or by its answer's, which the search does not look at. */
async function tracesOf(id: string, signal: AbortSignal): Promise<{ id: string; name: string | null }[]> {
  const { items } = await hub.traces.search({ text: id, page_size: most, signal });
  if (items.length > 0 || !z.uuid().safeParse(id).success) return items;
  try {
    return [(await hub.traces.spans(id, { signal })).trace];
  } catch (error) {
    if (error instanceof HearthApiError && error.status === 404) return [];
    throw error;
  }
}
