import { sql } from "kysely";
import type { Database } from "../../storage/database.ts";
import { compileFilter, resolveFilter, traces } from "../../search/search.ts";
import { placed, tracesLayout } from "./traces-layout.ts";

/** Normalised pointwise mutual information of two filters, −1 to 1, and the counts it is made of. */
export interface FilterCorrelation {
  /** NaN when a filter meets no trace. */
  npmi: number;
  /** With half a trace added to each of the four cells: steadier when there are few. */
  npmiSmoothed: number;
  filter1Count: number;
  filter2Count: number;
  jointCount: number;
  totalCount: number;
}

interface Counts {
  total: number;
  first: number;
  second: number;
  joint: number;
}

/** Jeffreys' prior. */
const smoothing = 0.5;

/** `base` narrows what both filters are asked of. */
export async function correlateFilters(
  database: Database,
  experimentIds: readonly string[],
  filters: readonly [string, string],
  base: string,
): Promise<FilterCorrelation> {
  const compiled = [base, ...filters].map((filter) =>
    compileFilter(database.dialect, tracesLayout, resolveFilter(traces, filter).map(placed)),
  );
  const [within = sql`1 = 1`, first = sql`1 = 1`, second = sql`1 = 1`] = compiled;
  const ids = experimentIds.length === 0 ? sql`null` : sql.join([...experimentIds]);
  const { rows } = await sql<Counts>`
    select count(*) as total, coalesce(sum(one), 0) as first, coalesce(sum(two), 0) as second,
      coalesce(sum(one * two), 0) as joint
    from (select case when ${first} then 1 else 0 end as one, case when ${second} then 1 else 0 end as two
      from traces where traces.experiment_id in (${ids}) and ${within}) matches`.execute(database.db);
  const counts = rows[0] ?? { total: 0, first: 0, second: 0, joint: 0 };
  const both = counts.joint;
  const onlyFirst = counts.first - both;
  const onlySecond = counts.second - both;
  const neither = counts.total - counts.first - counts.second + both;
  const undefinedAtAll = counts.total === 0 || counts.first === 0 || counts.second === 0;
  const npmi = (added: number): number => {
    if (undefinedAtAll) return Number.NaN;
    if (onlyFirst === 0 && onlySecond === 0 && neither === 0) return 1;
    return both + added === 0
      ? -1
      : mutualInformation(both + added, onlyFirst + added, onlySecond + added, neither + added);
  };
  return {
    npmi: npmi(0),
    npmiSmoothed: npmi(smoothing),
    filter1Count: counts.first,
    filter2Count: counts.second,
    jointCount: both,
    totalCount: counts.total,
  };
}

/** G. Bouma, "Normalized (Pointwise) Mutual Information in Collocation Extraction", 2009. */
function mutualInformation(both: number, onlyFirst: number, onlySecond: number, neither: number): number {
  const total = both + onlyFirst + onlySecond + neither;
  const information = Math.log((both * total) / ((both + onlyFirst) * (both + onlySecond)));
  return Math.max(-1, Math.min(1, information / Math.log(total / both)));
}
