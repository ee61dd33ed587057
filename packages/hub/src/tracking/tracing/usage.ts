/** Tokens or costs that one span reports, by name. */
export type Amounts = Readonly<Record<string, number>>;

/** A span as far as sums over a trace need it. */
export interface SpanAmounts {
  spanId: string;
  parentSpanId: string | null;
  amounts: Amounts | null;
}

const tokenNames = ["input_tokens", "output_tokens", "total_tokens"] as const;
const cachedTokenNames = [
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "cache_creation_input_tokens_above_1hr",
] as const;
const costNames = ["input_cost", "output_cost", "total_cost"] as const;

/** The columns of a trace that hold sums over its spans. */
export const tokenColumns = [...tokenNames, ...cachedTokenNames] as const;
export const costColumns = costNames;

export type TokenUsage = Partial<Record<(typeof tokenColumns)[number], number>>;
export type Cost = Partial<Record<(typeof costColumns)[number], number>>;

/** Tokens of a whole trace; null when no span tells any. */
export function sumTokens(spans: readonly SpanAmounts[]): TokenUsage | null {
  return sum(spans, tokenNames, cachedTokenNames);
}

/** Costs of a whole trace in US dollars; null when no span tells any. */
export function sumCosts(spans: readonly SpanAmounts[]): Cost | null {
  return sum(spans, costNames, []);
}

/**
 * A span that reports amounts speaks for everything below it: agents report the sum of their model calls,
 * which report their own as well.
 */
function sum<Name extends string>(
  spans: readonly SpanAmounts[],
  names: readonly Name[],
  optionalNames: readonly Name[],
): Partial<Record<Name, number>> | null {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const counted = new Map<string, boolean>();
  const totals: Partial<Record<Name, number>> = {};
  let found = false;
  for (const span of spans) {
    if (span.amounts === null || hasReportingAncestor(span, byId, counted)) continue;
    found = true;
    for (const name of names) totals[name] = (totals[name] ?? 0) + amount(span.amounts, name);
    for (const name of optionalNames) {
      if (Object.hasOwn(span.amounts, name)) totals[name] = (totals[name] ?? 0) + amount(span.amounts, name);
    }
  }
  return found ? totals : null;
}

function amount(amounts: Amounts, name: string): number {
  return Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : 0;
}

/** Parents come from outside and may form a ring; each span is visited once. */
function hasReportingAncestor(
  span: SpanAmounts,
  byId: ReadonlyMap<string, SpanAmounts>,
  known: Map<string, boolean>,
): boolean {
  const path: string[] = [];
  const seen = new Set([span.spanId]);
  let answer = false;
  for (let current = span; ;) {
    path.push(current.spanId);
    const parent = current.parentSpanId === null ? undefined : byId.get(current.parentSpanId);
    if (parent === undefined || seen.has(parent.spanId)) break;
    const parents = parent.amounts === null ? known.get(parent.spanId) : true;
    if (parents !== undefined) {
      answer = parents;
      break;
    }
    seen.add(parent.spanId);
    current = parent;
  }
  // Everything between here and there has the same answer: none of it reports itself.
  for (const id of path) known.set(id, answer);
  return answer;
}
