import type { Training as TrainingOperations } from "../api/services.ts";
import type { TokenLengths } from "../training/token-lengths/token-lengths.ts";
import { makeGgufTwin, type GgufTwinRooms } from "../training/gguf-twin.ts";
import type { Jobs } from "../training/training.ts";
import type { LiveFeed } from "./live/live-feed.ts";

export interface TrainingServiceRooms extends Omit<GgufTwinRooms, "compare"> {
  jobs: Jobs;
  tokenLengths: Pick<TokenLengths, "statistics">;
  checks: { compareAnswers: GgufTwinRooms["compare"] };
  live: Pick<LiveFeed, "announce">;
}

/** Training as the API asks for it: models by id or name, and changes of the queue told to everybody who looks. */
export function trainingService(rooms: TrainingServiceRooms): TrainingOperations {
  const { database, registry, artifacts, jobs, tokenLengths, checks, live } = rooms;
  const referenceOf = async (idOrName: string, version: number): Promise<string> =>
    `${(await registry.getModel(idOrName)).name}:${version}`;
  const told = async <T>(change: Promise<T>): Promise<T> => {
    const changed = await change;
    live.announce("jobs");
    return changed;
  };
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
    pauseQueue: (running) => told(jobs.pauseQueue(running)),
    resumeQueue: () => told(jobs.resumeQueue()),
    events: (id, signal) => jobs.follow(id, signal),
  };
}
