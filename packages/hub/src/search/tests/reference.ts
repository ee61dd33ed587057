import type { Condition, SortTerm, Test } from "../condition.ts";

/** A run as plain data: what the compiled filters and orders are checked against. */
export interface ReferenceRun {
  id: string;
  name: string;
  userId: string;
  status: "RUNNING" | "FINISHED" | "FAILED";
  startedAt: number;
  endedAt: number | null;
  /** NaN is itself. */
  metrics: ReadonlyMap<string, number>;
  params: ReadonlyMap<string, string>;
  tags: ReadonlyMap<string, string>;
  datasets: readonly { name: string; digest: string; context: string | null }[];
}

type Value = string | number | null | undefined;

/** Whether a run meets all conditions. */
export function meetsAll(run: ReferenceRun, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => {
    if (condition.kind === "dataset") {
      return run.datasets.some((dataset) => meets(datasetValue(dataset, condition.key), condition.test));
    }
    return meets(valueOf(run, condition) ?? condition.absent, condition.test);
  });
}

function datasetValue(dataset: ReferenceRun["datasets"][number], key: string): Value {
  if (key === "name") return dataset.name;
  return key === "digest" ? dataset.digest : dataset.context;
}

export function valueOf(run: ReferenceRun, { kind, key }: Pick<Condition, "kind" | "key">): Value {
  if (kind === "metric") return run.metrics.get(key);
  if (kind === "param") return run.params.get(key);
  if (kind === "tag") return run.tags.get(key);
  const attributes: Record<string, Value> = {
    run_id: run.id,
    run_name: run.name,
    user_id: run.userId,
    status: run.status,
    start_time: run.startedAt,
    end_time: run.endedAt,
    artifact_uri: `mlflow-artifacts:/1/${run.id}/artifacts`,
  };
  if (!Object.hasOwn(attributes, key)) throw new Error(`no attribute ${key}`);
  return attributes[key];
}

function meets(value: Value, test: Test): boolean {
  if (test.comparator === "IS NULL") return value === null || value === undefined;
  if (test.comparator === "IS NOT NULL") return value !== null && value !== undefined;
  if (value === null || value === undefined) return false;
  switch (test.comparator) {
    case "=":
      return value === test.value;
    case "!=":
      return value !== test.value;
    case ">":
      return Number(value) > test.value;
    case ">=":
      return Number(value) >= test.value;
    case "<":
      return Number(value) < test.value;
    case "<=":
      return Number(value) <= test.value;
    case "LIKE":
      return like(String(value), test.value);
    case "ILIKE":
      return like(lowerAscii(String(value)), lowerAscii(test.value));
    case "RLIKE":
      return new RegExp(test.value.source, "u").test(String(value));
    case "IN":
      return test.value.includes(String(value));
    case "NOT IN":
      return !test.value.includes(String(value));
  }
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** By characters, with a row of what prefixes of the pattern match so far. */
export function like(text: string, pattern: string): boolean {
  const signs = Array.from(pattern);
  let row = [true];
  for (const [index, sign] of signs.entries()) row.push(row[index] === true && sign === "%");
  for (const character of text) {
    const next = [false];
    for (const [index, sign] of signs.entries()) {
      next.push(
        sign === "%"
          ? next[index] === true || row[index + 1] === true
          : row[index] === true && (sign === "_" || sign === character),
      );
    }
    row = next;
  }
  return row.at(-1) === true;
}

/** Values first, then NaN, then what is missing; ties by start, latest first, then by id. */
export function inOrder(runs: readonly ReferenceRun[], terms: readonly SortTerm[]): ReferenceRun[] {
  return runs.toSorted((a, b) => {
    for (const term of terms) {
      const order = byTerm(valueOf(a, term), valueOf(b, term), term.ascending);
      if (order !== 0) return order;
    }
    return b.startedAt - a.startedAt || byBytes(a.id, b.id);
  });
}

function byTerm(a: Value, b: Value, ascending: boolean): number {
  const class_ = (value: Value) => (value === null || value === undefined ? 2 : Number.isNaN(value) ? 1 : 0);
  const order = class_(a) - class_(b);
  if (order !== 0 || class_(a) !== 0) return order;
  const compared = typeof a === "number" && typeof b === "number" ? a - b : byBytes(String(a), String(b));
  return ascending ? compared : -compared;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
