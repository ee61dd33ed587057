import type { Run } from "@hearth/wire/hub/tracking";
import { splitColumn } from "../table/columns.ts";

/** A run as far as charts know it. */
export type ChartRun = Pick<Run, "id" | "experiment_id" | "name" | "started_at" | "ended_at">;

/** What is drawn as one line in every chart: a run, or the mean of several. */
export interface RunLine {
  /** The run's, or of a group `group "adam"`; it stands in the address when the line is hidden. */
  id: string;
  label: string;
  color: string;
  runs: readonly ChartRun[];
  /** Whether it is the mean of its runs. */
  group: boolean;
  /** The group that a run belongs to, where there are groups. */
  parent: string | undefined;
}

/** A line for each run, in their order. */
export function linesOfRuns(runs: readonly ChartRun[], colorOf: (name: string) => string): RunLine[] {
  return runs.map((run) => ({
    id: run.id,
    label: nameOf(run),
    color: colorOf(run.id),
    runs: [run],
    group: false,
    parent: undefined,
  }));
}

/**
 * A line for each value of a column (`params.lr`), the largest group first, and after it those of its runs where
 * the group is open.
 */
export function linesOfGroups(
  runs: readonly (ChartRun & Pick<Run, "params" | "tags">)[],
  by: string,
  open: readonly string[],
  colorOf: (name: string) => string,
): RunLine[] {
  const [kind, key] = splitColumn(by);
  const groups = Map.groupBy(runs, (run) => {
    const values = kind === "tags" ? run.tags : run.params;
    return Object.hasOwn(values, key) ? (values[key] ?? null) : null;
  });
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .flatMap(([value, members]) => {
      const id = `group ${JSON.stringify(value)}`;
      const color = colorOf(`${by} ${id}`);
      const label = value === null ? "(none)" : value === "" ? "(empty)" : value;
      const line: RunLine = { id, label, color, runs: members, group: true, parent: undefined };
      if (!open.includes(id)) return [line];
      return [
        line,
        ...members.map((run) => ({
          id: run.id,
          label: nameOf(run),
          color: colorOf(run.id),
          runs: [run],
          group: false,
          parent: id,
        })),
      ];
    });
}

function nameOf(run: ChartRun): string {
  return run.name === "" ? run.id : run.name;
}
