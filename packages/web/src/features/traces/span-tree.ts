import type { TraceSpan } from "@hearth/wire/hub/traces";

/** A line of the waterfall. */
export interface SpanRow {
  span: TraceSpan;
  /** 0 for a root. */
  depth: number;
  hasChildren: boolean;
  open: boolean;
  /** ms from the start of the trace */
  startMs: number;
  /** null while it runs */
  durationMs: number | null;
}

/** ms from the first start to the last end of all spans; at least a little, so that one can divide by it. */
export function extentMs(spans: readonly TraceSpan[]): number {
  if (spans.length === 0) return 0.001;
  const begin = startOf(spans);
  let end = begin;
  for (const span of spans) {
    const last = BigInt(span.end_ns ?? span.start_ns);
    if (last > end) end = last;
  }
  return Math.max(milliseconds(end - begin), 0.001);
}

/**
 * Spans as a tree, line by line, without what is below a closed one. Parents come from outside: they may be missing, or
 * form a ring; every span is shown once all the same.
 */
export function spanRows(spans: readonly TraceSpan[], closed: ReadonlySet<string>): SpanRow[] {
  const known = new Set(spans.map((span) => span.span_id));
  const parentOf = (span: TraceSpan) =>
    span.parent_span_id !== null && known.has(span.parent_span_id) ? span.parent_span_id : null;
  const children = Map.groupBy(spans, parentOf);
  const begin = startOf(spans);
  const seen = new Set<string>();
  const rows: SpanRow[] = [];
  const visit = (first: TraceSpan) => {
    const pending = [{ span: first, depth: 0, hidden: false }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { span, depth, hidden } = next;
      if (seen.has(span.span_id)) continue;
      seen.add(span.span_id);
      const below = children.get(span.span_id) ?? [];
      const open = !closed.has(span.span_id);
      if (!hidden) {
        rows.push({
          span,
          depth,
          hasChildren: below.length > 0,
          open,
          startMs: milliseconds(BigInt(span.start_ns) - begin),
          durationMs: durationMs(span),
        });
      }
      for (const child of below.toReversed())
        pending.push({ span: child, depth: depth + 1, hidden: hidden || !open });
    }
  };
  for (const root of children.get(null) ?? []) visit(root);
  for (const span of spans) if (!seen.has(span.span_id)) visit(span);
  return rows;
}

/** null while it runs */
export function durationMs(span: TraceSpan): number | null {
  return span.end_ns === null ? null : milliseconds(BigInt(span.end_ns) - BigInt(span.start_ns));
}

function startOf(spans: readonly TraceSpan[]): bigint {
  let begin: bigint | undefined;
  for (const span of spans) {
    const start = BigInt(span.start_ns);
    if (begin === undefined || start < begin) begin = start;
  }
  return begin ?? 0n;
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
