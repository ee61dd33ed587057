import type { EstimateJobRequest, JobEstimate } from "@hearth/wire/hub/training";
import { checkJob } from "./check-job.ts";
import type { TrainingRooms } from "./dependencies.ts";
import { measuredTime } from "./measured-time.ts";
import type { JobQueue } from "./queue.ts";
import type { MemoryParts } from "./trainers/onnx/model/memory.ts";

/** What a job would need, after the same checks as its creation; nothing is stored. Throws as `checkJob` does. */
export async function estimateJob(
  dependencies: Pick<TrainingRooms, "registry" | "datasets" | "memory"> & { queue: JobQueue },
  request: EstimateJobRequest,
): Promise<JobEstimate> {
  const { registry, datasets, memory, queue } = dependencies;
  const [model, dataset, freeBytes] = await Promise.all([
    request.model_id === undefined ? null : registry.getModel(request.model_id),
    datasets.get(request.dataset_id),
    memory.freeBytes(),
  ]);
  const { base, parameters, requirements } = await checkJob(dependencies, model, dataset, request);
  const { batch_size, gradient_accumulation, epochs, recipe } = parameters;
  const rows =
    recipe === "pretrain" || dataset.format === "text" ? null : (dataset.splits.train?.rows ?? null);
  return {
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
