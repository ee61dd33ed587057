import type { Queries } from "../../storage/database.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import type { SpanRow } from "./span-content.ts";
import { costColumns, sumCosts, sumTokens, type SpanAmounts } from "./usage.ts";

/** Tokens and costs over all spans of the trace, unless a client has told them. */
export async function sums(
  db: Queries,
  trace: TraceTable,
  rows: readonly SpanRow[],
  made: boolean,
): Promise<Partial<TraceTable>> {
  const tellsTokens = trace.told_tokens === 0 && rows.some((row) => row.tokenUsage !== null);
  const tellsCosts = trace.told_cost === 0 && rows.some((row) => row.cost !== null);
  if (!tellsTokens && !tellsCosts) return {};
  const all = made ? rows.map(amountsOfRow) : await storedAmounts(db, trace.id);
  const tokens = tellsTokens
    ? sumTokens(all.map(({ tokens: amounts, ...span }) => ({ ...span, amounts })))
    : null;
  const costs = tellsCosts
    ? sumCosts(all.map(({ costs: amounts, ...span }) => ({ ...span, amounts })))
    : null;
  const whole = Object.entries(tokens ?? {}).filter(([, count]) => Number.isSafeInteger(count));
  return { ...Object.fromEntries(whole), ...costs };
}

type StoredAmounts = Omit<SpanAmounts, "amounts"> & {
  tokens: SpanAmounts["amounts"];
  costs: SpanAmounts["amounts"];
};

function amountsOfRow(row: SpanRow): StoredAmounts {
  return { spanId: row.spanId, parentSpanId: row.parentSpanId, tokens: row.tokenUsage, costs: row.cost };
}

async function storedAmounts(db: Queries, traceId: string): Promise<StoredAmounts[]> {
  const stored = await db
    .selectFrom("spans")
    .select(["span_id", "parent_span_id", "token_usage", ...costColumns])
    .where("trace_id", "=", traceId)
    .execute();
  return stored.map((row) => {
    const costs = costColumns.flatMap((column) => {
      const cost = row[column];
      return cost === null ? [] : [[column, cost] as const];
    });
    return {
      spanId: row.span_id,
      parentSpanId: row.parent_span_id,
      tokens: row.token_usage === null ? null : (JSON.parse(row.token_usage) as SpanAmounts["amounts"]),
      costs: costs.length === 0 ? null : Object.fromEntries(costs),
    };
  });
}
