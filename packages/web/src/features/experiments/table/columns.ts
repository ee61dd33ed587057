import type { TableRun } from "@hearth/wire/hub/runs-table";
import type { RunColumns } from "@hearth/wire/hub/experiments";
import { formatAge, formatMetric, formatSeconds } from "../../../components/format.ts";

export const attributes = ["status", "start_time", "duration", "end_time", "user_id", "run_id"] as const;

/** Every column there is, in the order of the chooser. */
export function allColumns(known: RunColumns | undefined): string[] {
  return [
    ...attributes.map((name) => `attributes.${name}`),
    ...(known?.metrics ?? []).map((name) => `metrics.${name}`),
    ...(known?.params ?? []).map((name) => `params.${name}`),
    ...(known?.tags ?? []).filter((name) => !name.startsWith("mlflow.")).map((name) => `tags.${name}`),
  ];
}

/** What is shown before anybody has chosen. */
export function usualColumns(known: RunColumns | undefined): string[] {
  return [
    "attributes.status",
    "attributes.start_time",
    "attributes.duration",
    ...(known?.metrics ?? []).slice(0, 4).map((name) => `metrics.${name}`),
    ...(known?.params ?? []).slice(0, 4).map((name) => `params.${name}`),
  ];
}

/** `["metrics", "val.loss"]` of `metrics.val.loss` */
export function splitColumn(column: string): [kind: string, key: string] {
  const dot = column.indexOf(".");
  return [column.slice(0, dot), column.slice(dot + 1)];
}

/** A column as the search language names it; undefined where it cannot be ordered by. */
export function fieldOf(column: string): string | undefined {
  const [kind, key] = splitColumn(column);
  if (column === "attributes.duration") return undefined;
  if (/^[A-Za-z_][\w.]*$/.test(key)) return column;
  if (!key.includes("`")) return `${kind}.\`${key}\``;
  return key.includes('"') ? undefined : `${kind}."${key}"`;
}

/** A text as the search language quotes it; undefined where it cannot. */
export function quoted(text: string): string | undefined {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? undefined : `"${text}"`;
}

/** What a cell says. */
export function cellText(run: TableRun, column: string): string {
  const [kind, key] = splitColumn(column);
  if (kind === "metrics") {
    const value = own(run.metrics, key);
    return value === undefined ? "" : formatMetric(value);
  }
  if (kind === "params") return own(run.params, key) ?? "";
  if (kind === "tags") return own(run.tags, key) ?? "";
  const values: Record<string, string> = {
    status: run.status,
    run_id: run.id,
    user_id: run.user_id,
    start_time: formatAge(run.started_at),
    end_time: run.ended_at === null ? "" : formatAge(run.ended_at),
    duration: run.ended_at === null ? "" : formatSeconds(secondsOf(run.started_at, run.ended_at)),
  };
  return own(values, key) ?? "";
}

function secondsOf(start: string, end: string): number {
  return Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000);
}

/** Keys come from outside: `constructor` is one like any other. */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
