import { useQuery } from "@tanstack/react-query";
import { linearName } from "@hearth/wire/hub/training";
import { useSearch } from "@tanstack/react-router";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";
import { JobForm } from "./job-form.tsx";
import type { JobFormValues } from "./job-form-values.ts";
import { useFormChoices } from "./use-form-choices.ts";

interface Search {
  dataset?: string | undefined;
  base?: string | undefined;
  model?: string | undefined;
}

/** Makes a training job; an address may have filled a part of it in. */
export function NewJobPage() {
  const search = useSearch({ from: "/training/new" });
  const { models, datasets, bases, trainers, error } = useFormChoices();
  const { like } = search;
  const { data: earlier, error: earlierError } = useQuery({
    queryKey: ["training", "like", like],
    enabled: like !== undefined,
    queryFn: ({ signal }) => valuesLike(like ?? "", signal),
  });
  const address = JSON.stringify(search);
  const problem = error ?? earlierError;
  const ready =
    models !== undefined && datasets !== undefined && bases !== undefined && trainers !== undefined;
  return (
    <>
      <PageHeader
        title="New training"
        description="Every field says what it would take; nothing begins before it is started"
      />
      {problem !== null && <ErrorNotice error={problem} />}
      {ready && (like === undefined || earlier !== undefined) && (
        <JobForm
          key={address}
          address={address}
          initial={earlier ?? emptyForm(search, bases)}
          models={models}
          datasets={datasets}
          bases={bases}
          trainers={trainers}
        />
      )}
    </>
  );
}

function emptyForm({ dataset, base, model }: Search, bases: readonly string[]): JobFormValues {
  return {
    model: model ?? "",
    dataset: dataset ?? null,
    base: bases.find((one) => one === base) ?? bases.find((one) => one.split(":")[0] === base) ?? null,
    recipe: "lora",
    targets: [...linearName.options],
    prompts: "",
    provider: "auto",
    trainer: "auto",
    packing: false,
    recompute: null,
    priority: 0,
    numbers: {},
  };
}

/** The form as it was for an earlier job. */
async function valuesLike(jobId: string, signal: AbortSignal): Promise<JobFormValues> {
  const job = await hub.jobs.get(jobId, { signal });
  const version = await hub.models.version(job.model, job.version, { signal });
  const {
    recipe,
    lora_targets: targets,
    provider,
    packing,
    recompute,
    pretrain,
    sample_prompts,
    ...others
  } = job.parameters;
  // Chosen again: it follows from the base.
  const { trainer: _chosen, ...rest } = others;
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) numbers[name] = value;
  for (const [name, value] of Object.entries(pretrain ?? {})) numbers[`pretrain.${name}`] = value;
  const base = version.lineage.base?.reference ?? null;
  return {
    model: job.model,
    dataset: job.dataset,
    base,
    recipe,
    targets,
    prompts: promptLines(sample_prompts),
    provider,
    trainer: "auto",
    packing: packing ?? false,
    recompute: recompute ?? null,
    priority: job.priority,
    numbers,
  };
}

/** The form has one prompt a line. */
function promptLines(prompts: readonly string[] = []): string {
  return prompts.map((prompt) => prompt.replaceAll("\n", " ")).join("\n");
}
