import type { AnswerFigures, ServingStatistics } from "@hearth/wire/hub/serving-statistics";
import { formatCount, formatSeconds } from "../../components/format.ts";

/** 12.3 ms → `12 ms`; a dash where nothing was measured. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  return ms < 10 ? `${Number(ms.toFixed(1))} ms` : formatSeconds(ms / 1000);
}

/** The middle and nearly the worst: `12 ms / 40 ms`. */
export function formatSpread(spread: AnswerFigures["ttft_ms"]): string {
  return spread === null ? "–" : `${formatMs(spread.p50)} / ${formatMs(spread.p95)}`;
}

/** A share of 1 as per cent; a dash where nothing was measured. */
export function formatShare(share: number | null): string {
  return share === null ? "–" : `${Math.round(100 * share)} %`;
}

/** Three digits of a rate: `3.42`, `12.1`, `1,234`. */
export function formatRate(rate: number | null): string {
  if (rate === null) return "–";
  return rate >= 100 ? formatCount(rate) : String(Number(rate.toPrecision(3)));
}

/** Seconds that the window has lasted: its last part is still running. */
export function secondsOf({ at, now }: Pick<ServingStatistics, "at" | "now">): number {
  return Math.max(1, (now - (at[0] ?? now)) / 1000);
}
