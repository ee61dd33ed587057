import type { Training as TrainingOperations } from "../api/services.ts";
import type { TokenLengths } from "../training/token-lengths/token-lengths.ts";
import { makeGgufTwin, type GgufTwinRooms } from "../training/gguf-twin.ts";
import type { Jobs } from "../training/training.ts";

export interface TrainingServiceRooms extends Omit<GgufTwinRooms, "compare"> {
  jobs: Jobs;
  tokenLengths: Pick<TokenLengths, "statistics">;
  checks: { compareAnswers: GgufTwinRooms["compare"] };
}

/** Training as the API asks for it: models by id or name. */
export function trainingService(rooms: TrainingServiceRooms): TrainingOperations {
  const { database, registry, artifacts, jobs, tokenLengths, checks } = rooms;
  const referenceOf = async (idOrName: string, version: number): Promise<string> =>
    `${(await registry.getModel(idOrName)).name}:${version}`;
  return {
    create: (request) => jobs.create(request),
    estimate: (request, signal) => jobs.estimate(request, signal),
    tokenStatistics: (dataset, query, signal) => tokenLengths.statistics(dataset, query, signal),
    bases: () => jobs.bases(),
    trainers: () => jobs.trainers(),
    move: (id, before) => jobs.move(id, before),
    log: (id, tail) => jobs.log(id, tail),
    samples: (id) => jobs.samples(id),
    reproduce: async (model, version, signal) => jobs.reproduce(await referenceOf(model, version), signal),
    ggufTwin: async (model, version, base, signal) =>
      makeGgufTwin(
        { database, registry, artifacts, compare: checks.compareAnswers },
        { version: await referenceOf(model, version), base },
        signal,
      ),
    get: (id) => jobs.get(id),
    list: (page, status, of) => jobs.list({ ...page, ...of, status }),
    cancel: (id) => jobs.cancel(id),
    pause: (id) => jobs.pause(id),
    resume: (id) => jobs.resume(id),
    prioritize: (id, priority) => jobs.prioritize(id, priority),
    queue: () => jobs.queue(),
    pauseQueue: (running) => jobs.pauseQueue(running),
    resumeQueue: () => jobs.resumeQueue(),
    events: (id, signal) => jobs.follow(id, signal),
  };
}
