import type { Run } from "@hearth/wire/hub/tracking";
import { formatMetric } from "../../../components/format.ts";

/** One line of a comparison. */
export interface ComparedRow {
  key: string;
  /** In the order of the runs; undefined where a run has none. */
  values: (string | undefined)[];
  differs: boolean;
}

/** What runs say of one kind, what differs first. */
export function comparedRows(runs: readonly Run[], kind: "params" | "metrics" | "tags"): ComparedRow[] {
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run[kind])))].toSorted();
  const rows = keys.map((key) => {
    const raw = runs.map((run) => (Object.hasOwn(run[kind], key) ? run[kind][key] : undefined));
    const values = raw.map((value) =>
      value === undefined || typeof value === "string" ? value : formatMetric(value),
    );
    return { key, values, differs: raw.some((value) => value !== raw[0]) };
  });
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}
