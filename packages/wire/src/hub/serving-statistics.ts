import { z } from "zod";
import { instant } from "./common.ts";

/** How far back: five minutes by 5 s, an hour by minutes, a day by 10 min. */
export const statisticsWindow = z.enum(["5m", "1h", "24h"]);
export type StatisticsWindow = z.infer<typeof statisticsWindow>;

export const statisticsQuery = z.object({ window: statisticsWindow.default("1h") });

/** Percentiles, to within 1 %; null where nothing was measured. */
const spread = z.object({ p50: z.number(), p95: z.number() }).nullable();

/** What a model did in a time. */
export const answerFigures = z.object({
  requests: z.int(),
  ok: z.int(),
  /** Failed, and not for want of room. */
  errors: z.int(),
  /** Sent away for now, with 429 or 503. */
  refused: z.int(),
  cancelled: z.int(),
  prompt_tokens: z.int(),
  /** Prompt tokens that were taken over from an earlier prompt instead of computed. */
  cached_tokens: z.int(),
  completion_tokens: z.int(),
  /** 0 to 1, of the prompts of which both numbers are known. */
  cache_hit_share: z.number().nullable(),
  /** From the arrival of a request to its first token. */
  ttft_ms: spread,
  /** Of answers that ended well, to their last token. */
  latency_ms: spread,
  /** Waiting for a slot; known of this hub's answers since its start. */
  queue_ms: spread,
  /** Median of answers' speed after their first token. */
  tokens_per_second: z.number().nullable(),
});
export type AnswerFigures = z.infer<typeof answerFigures>;

const perBucket = z.array(z.number().nullable());

export const modelStatistics = answerFigures.extend({
  /** `name:3`, `provider/model`, or `other` beyond the hundred busiest. */
  model: z.string(),
  /** One value for each of `at`; null where nothing was measured. */
  series: z.object({
    requests: z.array(z.int()),
    completion_tokens: z.array(z.int()),
    ttft_ms: perBucket,
    latency_ms_p50: perBucket,
    latency_ms_p95: perBucket,
    tokens_per_second: perBucket,
  }),
});
export type ModelStatistics = z.infer<typeof modelStatistics>;

export const servingStatistics = z.object({
  window: statisticsWindow,
  bucket_seconds: z.number(),
  /** Where each bucket begins, ms since the epoch; the last one is still running. */
  at: z.array(z.int()),
  /** The hub's clock, ms since the epoch. */
  now: z.int(),
  total: answerFigures,
  /** The busiest first. */
  models: z.array(modelStatistics),
});
export type ServingStatistics = z.infer<typeof servingStatistics>;

/** Something that happened to a process with a model. */
export const engineEvent = z.object({
  at: instant,
  type: z.enum([
    "loaded",
    /** It could not be loaded. */
    "load_failed",
    /** It had to make room for another model. */
    "evicted",
    /** It had to make room for a training job. */
    "gave_way",
    /** Nobody had used it for long enough. */
    "unused",
    /** Somebody asked for it. */
    "unloaded",
    /** The process ended by itself. */
    "crashed",
    /** It crashed too often and is not tried again. */
    "quarantined",
  ]),
  /** `name:version` of the weights; the beginning of their checksum where they are gone. */
  model: z.string(),
  load_ms: z.number().nullable(),
  /** Who needed the room. */
  made_room_for: z.string().nullable(),
  /** What went wrong, in the engine's words. */
  message: z.string().nullable(),
});
export type EngineEvent = z.infer<typeof engineEvent>;
export const engineEvents = z.object({ items: z.array(engineEvent) });

/** Prompts' beginnings that are kept on disk, of all models. */
export const servingCache = z.object({
  stored: z.int(),
  bytes: z.int(),
  /** What was unused for longest is deleted beyond it. */
  limit_bytes: z.int(),
});
export type ServingCache = z.infer<typeof servingCache>;
