import type { EstimateJobRequest, JobEstimate } from "@hearth/wire/hub/training";
import { checkJob } from "./check-job.ts";
import { lookUp } from "./checks/refuse.ts";
import type { TrainingRooms } from "./dependencies.ts";
import { measuredTime } from "./measured-time.ts";
import type { JobQueue } from "./queue.ts";
import type { MemoryParts } from "./trainers/onnx/model/memory.ts";
import type { Trainers } from "./trainers/trainers.ts";

/** What a job would need, after the same checks as its creation; nothing is stored. Throws as `checkJob` does. */
export async function estimateJob(
  dependencies: Pick<TrainingRooms, "registry" | "datasets" | "memory" | "artifacts" | "dataWarnings"> & {
    queue: JobQueue;
    trainers: Trainers;
  },
  request: EstimateJobRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<JobEstimate> {
  const { registry, datasets, memory, queue } = dependencies;
  const { model_id, dataset_id } = request;
  const [model, dataset, freeBytes] = await Promise.all([
    model_id === undefined
      ? null
      : lookUp("model_id", model_id, "a registered model", registry.getModel(model_id)),
    lookUp("dataset_id", dataset_id, "a registered dataset", datasets.get(dataset_id)),
    memory.freeBytes(),
  ]);
  const { base, parameters, choice, requirements } = await checkJob(dependencies, model, dataset, request);
  const { batch_size, gradient_accumulation, epochs, recipe } = parameters;
  const rows =
    recipe === "pretrain" || dataset.format === "text" || parameters.packing === true
      ? null
      : (dataset.splits.train?.rows ?? null);
  return {
    trainer: choice.trainer.name,
    trainer_reason: choice.reason,
    memory_bytes: requirements?.memoryBytes ?? null,
    memory_parts: requirements === null ? null : wholeBytes(requirements.memoryParts),
    disk_bytes: requirements?.diskBytes ?? null,
    budget_bytes: Math.round(memory.budgetBytes()),
    free_bytes: Math.round(freeBytes),
    steps:
      rows === null
        ? null
        : Math.ceil(Math.max(1, Math.round(rows * epochs)) / (batch_size * gradient_accumulation)),
    ...(await measuredTime({ queue, registry, datasets }, { parameters, base, dataset })),
    warnings: (await dependencies.dataWarnings?.(dataset, base, parameters.sequence_length, signal)) ?? [],
    parameters,
  };
}

function wholeBytes({ process, base, trained, activations, loss }: MemoryParts): JobEstimate["memory_parts"] {
  return {
    process: Math.round(process),
    base: Math.round(base),
    trained: Math.round(trained),
    activations: Math.round(activations),
    loss: Math.round(loss),
  };
}
