import { sql, type RawBuilder, type SqlBool } from "kysely";
import { compileFilter, resolveFilter, type Dialect, type Entity } from "../../../search/search.ts";
import { invalid } from "../errors.ts";
import { placed, tracesLayout } from "../traces-layout.ts";
import type { MetricView } from "./metric-query.ts";

const equal = { type: "text", comparators: ["="], sortable: false } as const;

const entity: Entity = {
  noun: "metrics of traces",
  kinds: {
    trace: {
      prefixes: ["trace"],
      named: { status: equal },
      beginnings: { "tag.": equal, "metadata.": equal },
    },
    span: { prefixes: ["span"], named: { name: equal, status: equal, type: equal } },
    assessment: { prefixes: ["assessment"], named: { name: equal, type: equal } },
  },
};

const columns: Readonly<Record<string, string>> = {
  "span.name": "spans.name",
  "span.status": "spans.status",
  "span.type": "spans.type",
  "assessment.name": "assessments.name",
  "assessment.type": "assessments.kind",
};

/** One comparison of a query for metrics; a trace's are asked as in a search for traces. */
export function compileMetricFilter(dialect: Dialect, view: MetricView, filter: string): RawBuilder<SqlBool> {
  const [condition, ...more] = resolveFilter(entity, filter);
  if (condition === undefined || more.length > 0)
    throw invalid(`Invalid filter: '${filter.slice(0, 200)}'. Expected one filter clause.`);
  const value = "value" in condition.test ? condition.test.value : "";
  if (condition.kind === "trace") {
    const [kind, key] = condition.key.startsWith("tag.")
      ? ["tag", condition.key.slice("tag.".length)]
      : condition.key.startsWith("metadata.")
        ? ["metadata", condition.key.slice("metadata.".length)]
        : ["attribute", condition.key];
    return compileFilter(dialect, tracesLayout, [placed({ ...condition, kind, key })]);
  }
  const needed: MetricView = condition.kind === "span" ? "SPANS" : "ASSESSMENTS";
  if (view !== needed)
    throw invalid(`Filtering by ${condition.kind} is only supported for ${needed} view type, got ${view}`);
  return sql<SqlBool>`${sql.ref(columns[`${condition.kind}.${condition.key}`] ?? "")} = ${value}`;
}
