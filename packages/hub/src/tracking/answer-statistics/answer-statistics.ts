import { setImmediate as nextTurn } from "node:timers/promises";
import type { ServingStatistics, StatisticsWindow } from "@hearth/wire/hub/serving-statistics";
import type { Database } from "../../storage/database.ts";
import { RollingWindow } from "./rolling-window.ts";
import type { CountedAnswer } from "./tally.ts";

export interface AnswerStatistics {
  /** Counts an answer that ended now. */
  record(answer: CountedAnswer): void;
  read(window: StatisticsWindow): ServingStatistics;
  /** Counts what the database has of the last day from before this hub's start. */
  restore(signal: AbortSignal): Promise<void>;
}

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
/** So many rows keep the event loop for a few milliseconds at most. */
const rowsAtOnce = 250;

/**
 * What each model did in the last minutes, hour and day. It is counted as answers end, in histograms that are small
 * whatever comes: to ask the database for percentiles of 100,000 answers would hold everything else up each time.
 */
export function createAnswerStatistics({
  database,
  now = Date.now,
}: {
  database: Database;
  now?: () => number;
}): AnswerStatistics {
  const windows: Record<StatisticsWindow, RollingWindow> = {
    "5m": new RollingWindow("5m", 5 * second, 60),
    "1h": new RollingWindow("1h", minute, 60),
    "24h": new RollingWindow("24h", 10 * minute, 144),
  };
  const started = now();
  const count = (answer: CountedAnswer, at: number): void => {
    for (const window of Object.values(windows)) window.add(answer, at);
  };

  return {
    record: (answer) => count(answer, now()),
    read: (window) => windows[window].read(now()),
    restore: async (signal) => {
      for await (const rows of answersBetween(database, started - day, started)) {
        if (signal.aborted) return;
        for (const { created_at, ...row } of rows) count({ ...row, queue_ms: null }, created_at);
        await nextTurn();
      }
    },
  };
}

/** In the order of time, a few at once. */
async function* answersBetween({ db }: Database, from: number, to: number) {
  let after = { created_at: from, trace_id: "" };
  for (;;) {
    const rows = await db
      .selectFrom("inferences")
      .select([
        "trace_id",
        "created_at",
        "model",
        "version",
        "status",
        "error_code",
        "prompt_tokens",
        "cached_tokens",
        "completion_tokens",
        "ttft_ms",
        "latency_ms",
      ])
      .where((row) =>
        row(row.refTuple("created_at", "trace_id"), ">", row.tuple(after.created_at, after.trace_id)),
      )
      .where("created_at", "<", to)
      .orderBy("created_at")
      .orderBy("trace_id")
      .limit(rowsAtOnce)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last;
  }
}
