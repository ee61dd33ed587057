import { median, type BenchRow } from "../report.ts";
import type { Peer } from "./peer.ts";

export interface Figure {
  name: string;
  unit: string;
  better: "higher" | "lower";
  /** Single measurements by the name of the peer. */
  samples: Record<string, number[]>;
  /** What Hearth on SQLite has to reach. */
  limit?: number;
  /** False for figures where the peer's own is no comparison. */
  compared?: boolean;
}

/** How much better than MLflow every figure has to be. */
const wantedRatio = 10;

/**
 * The row of a figure, and one that says how many times Hearth on SQLite is better than the better one of
 * the MLflow servers.
 */
export function rowsOf(figure: Figure, peers: readonly Peer[]): BenchRow[] {
  const { name, unit, better, samples, limit, compared = true } = figure;
  const values = Object.fromEntries(Object.entries(samples).map(([who, list]) => [who, median(list)]));
  const named = (kind: Peer["kind"]) =>
    peers.filter((peer) => peer.kind === kind && peer.database === "sqlite").map((peer) => values[peer.name]);
  const [ours] = named("hearth");
  const row: BenchRow = { name, unit, values, samples };
  if (limit !== undefined) {
    row.target = `${better === "higher" ? "≥" : "≤"} ${limit}`;
    row.held = ours !== undefined && (better === "higher" ? ours >= limit : ours <= limit);
  }
  const theirs = named("mlflow").filter((value) => value !== undefined);
  if (!compared || ours === undefined || theirs.length === 0) return [row];
  const ratio = better === "higher" ? ours / Math.max(...theirs) : Math.min(...theirs) / ours;
  return [
    row,
    {
      name: `  … times better than MLflow's best`,
      unit: "×",
      values: { Hearth: ratio },
      samples: { Hearth: [ratio] },
      target: `≥ ${wantedRatio}`,
      held: ratio >= wantedRatio,
    },
  ];
}
