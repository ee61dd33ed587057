import { createHash } from "node:crypto";
import type { Dataset, SplitName } from "@hearth/wire/hub/datasets";
import type { RowExample, SplitDiff } from "@hearth/wire/hub/version-diff";
import type { Datasets, DatasetRow } from "../datasets/datasets.ts";

/** Of more rows than these only checksums are compared: their hashes would fill the hub's memory. */
export const mostRows = 200_000;
const mostExamples = 3;

type Rows = Pick<Datasets, "readRows" | "rows">;

interface HashedRow {
  /** Counted from 1. */
  row: number;
  whole: string;
  /** What is asked and with which tools, without the answer; null for running text. */
  question: string | null;
}

/** What changed between the rows of one split of two datasets, counted by content: an order that changed is no change. */
export async function diffSplit(
  datasets: Rows,
  split: SplitName,
  from: Dataset | null,
  to: Dataset | null,
  signal: AbortSignal,
): Promise<SplitDiff> {
  const [before, after] = [from?.splits[split] ?? null, to?.splits[split] ?? null];
  const shown = {
    split,
    from: before === null ? null : { rows: before.rows, sha256: before.sha256 },
    to: after === null ? null : { rows: after.rows, sha256: after.sha256 },
  };
  if (before !== null && before.sha256 === after?.sha256) {
    const counts = { unchanged: before.rows, added: 0, removed: 0, changed: 0 };
    return { ...shown, counts, examples: [] };
  }
  if ((before?.rows ?? 0) + (after?.rows ?? 0) > mostRows) return { ...shown, counts: null, examples: [] };
  const old = before === null ? [] : await hashRows(datasets, from, split, signal);
  const recent = after === null ? [] : await hashRows(datasets, to, split, signal);
  const removed = without(old, recent);
  const added = without(recent, old);
  const pairs = pairByQuestion(removed, added);
  const paired = new Set(pairs.flat());
  const examples = [
    ...pairs
      .slice(0, mostExamples)
      .map(([one, other]) => ({ kind: "changed" as const, from: one, to: other })),
    ...some(added, paired).map((to) => ({ kind: "added" as const, from: null, to })),
    ...some(removed, paired).map((from) => ({ kind: "removed" as const, from, to: null })),
  ];
  const read = async (dataset: Dataset | null, place: HashedRow | null): Promise<RowExample["from"]> => {
    if (dataset === null || place === null) return null;
    const { items } = await datasets.rows(dataset.id, { split, offset: place.row - 1, limit: 1 }, signal);
    return items[0] ?? null;
  };
  return {
    ...shown,
    counts: {
      unchanged: recent.length - added.length,
      added: added.length - pairs.length,
      removed: removed.length - pairs.length,
      changed: pairs.length,
    },
    examples: await Promise.all(
      examples.map(async (one) => ({
        kind: one.kind,
        from_row: one.from?.row ?? null,
        to_row: one.to?.row ?? null,
        from: await read(from, one.from),
        to: await read(to, one.to),
      })),
    ),
  };
}

async function hashRows(
  datasets: Rows,
  dataset: Dataset | null,
  split: SplitName,
  signal: AbortSignal,
): Promise<HashedRow[]> {
  const hashed: HashedRow[] = [];
  if (dataset === null) return hashed;
  for await (const row of datasets.readRows(dataset, split, {}, signal)) {
    const question = questionOf(row);
    hashed.push({
      row: hashed.length + 1,
      whole: digest(JSON.stringify(row)),
      question: question === null ? null : digest(question),
    });
  }
  return hashed;
}

function questionOf(row: DatasetRow): string | null {
  switch (row.format) {
    case "chat":
      return JSON.stringify([row.messages.slice(0, -1), row.tools ?? []]);
    case "prompt":
      return row.prompt;
    case "text":
      return null;
  }
}

/** The rows of `one` beyond those that `other` has, each as often as it stands there. */
function without(one: readonly HashedRow[], other: readonly HashedRow[]): HashedRow[] {
  const left = new Map<string, number>();
  for (const { whole } of other) left.set(whole, (left.get(whole) ?? 0) + 1);
  return one.filter(({ whole }) => {
    const count = left.get(whole) ?? 0;
    if (count > 0) left.set(whole, count - 1);
    return count === 0;
  });
}

/** Rows that ask the same, in their order. */
function pairByQuestion(
  removed: readonly HashedRow[],
  added: readonly HashedRow[],
): [HashedRow, HashedRow][] {
  const waiting = new Map<string, HashedRow[]>();
  for (const row of added) {
    if (row.question === null) continue;
    const same = waiting.get(row.question) ?? [];
    same.push(row);
    waiting.set(row.question, same);
  }
  return removed.flatMap((row): [HashedRow, HashedRow][] => {
    const partner = row.question === null ? undefined : waiting.get(row.question)?.shift();
    return partner === undefined ? [] : [[row, partner]];
  });
}

function some(rows: readonly HashedRow[], paired: ReadonlySet<HashedRow>): HashedRow[] {
  return rows.filter((row) => !paired.has(row)).slice(0, mostExamples);
}

/** 128 bits tell rows apart. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64").slice(0, 22);
}
