import { spacedJson } from "../../lossless-json.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { invalid } from "./errors.ts";
import { metadataNames } from "./names.ts";
import { costColumns, tokenColumns } from "./usage.ts";

const maxSessionLength = 250;

/** Metadata that is kept in columns of the trace, where it can be summed and ordered. */
type ReservedColumns = Partial<
  Pick<
    TraceTable,
    "session_id" | "told_tokens" | "told_cost" | (typeof tokenColumns)[number] | (typeof costColumns)[number]
  >
>;

export const reservedMetadata: ReadonlySet<string> = new Set([
  metadataNames.session,
  metadataNames.tokenUsage,
  metadataNames.cost,
]);

/** The columns that a client's metadata sets. What is no number there is no amount. */
export function columnsOfMetadata(metadata: ReadonlyMap<string, string>): ReservedColumns {
  const columns: ReservedColumns = {};
  const session = metadata.get(metadataNames.session);
  if (session !== undefined) {
    if (session.length > maxSessionLength) {
      throw invalid(
        `'Session ID' exceeds the maximum length of ${maxSessionLength} characters; it has ${session.length}.`,
      );
    }
    columns.session_id = session;
  }
  const tokens = objectOf(metadata.get(metadataNames.tokenUsage));
  for (const column of tokenColumns) {
    if (!Object.hasOwn(tokens, column)) continue;
    columns[column] = wholeNumber(tokens[column]);
    columns.told_tokens = 1;
  }
  const costs = objectOf(metadata.get(metadataNames.cost));
  for (const column of costColumns) {
    if (!Object.hasOwn(costs, column)) continue;
    columns[column] = finiteNumber(costs[column]);
    columns.told_cost = 1;
  }
  return columns;
}

/** The inverse of {@link columnsOfMetadata}. */
export function metadataOfColumns(trace: TraceTable): [key: string, value: string][] {
  const entries: [string, string][] = [];
  if (trace.session_id !== null) entries.push([metadataNames.session, trace.session_id]);
  const tokens = tokenColumns.flatMap((column) =>
    trace[column] === null ? [] : [[column, trace[column]] as const],
  );
  if (tokens.length > 0) entries.push([metadataNames.tokenUsage, spacedJson(Object.fromEntries(tokens))]);
  const costs = costColumns.flatMap((column) =>
    trace[column] === null ? [] : [[column, trace[column]] as const],
  );
  if (costs.length > 0) entries.push([metadataNames.cost, spacedJson(Object.fromEntries(costs))]);
  if (trace.finalized === 1) entries.push([metadataNames.finalized, "true"]);
  return entries;
}

function objectOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    // A client's text that is no JSON holds no amounts.
    return {};
  }
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

function finiteNumber(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
