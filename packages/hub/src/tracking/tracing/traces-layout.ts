import { sql, type RawBuilder, type SqlBool } from "kysely";
import {
  compare,
  type Condition,
  type Layout,
  type SortTerm,
  type Source,
  type WriteCondition,
} from "../../search/search.ts";
import { spacedJson } from "../../lossless-json.ts";
import { invalid } from "./errors.ts";
import { metadataNames, tagNames } from "./names.ts";
import { costColumns, tokenColumns } from "./usage.ts";

const columns: Readonly<Record<string, RawBuilder<unknown> | WriteCondition>> = {
  request_id: sql.ref("traces.id"),
  client_request_id: sql.ref("traces.client_request_id"),
  status: sql.ref("traces.state"),
  name: sql.ref("traces.name"),
  timestamp_ms: sql.ref("traces.started_at"),
  execution_time_ms: sql.ref("traces.duration_ms"),
  end_time_ms: sql`(traces.started_at + coalesce(traces.duration_ms, 0))`,
  experiment_id: sql.ref("traces.experiment_id"),
  session_id: sql.ref("traces.session_id"),
  run_id: ofRun,
  prompt: withPrompt,
  [metadataNames.tokenUsage]: amounts(tokenColumns),
  [metadataNames.cost]: amounts(costColumns),
};

/** Where what is said of a trace is stored; the searched table is `traces`. */
export const tracesLayout: Layout = {
  attribute: { kind: "columns", columns },
  tag: pairs("trace_tags"),
  metadata: pairs("trace_metadata"),
  span: {
    kind: "rows",
    from: sql`spans`,
    owned: sql<SqlBool>`spans.trace_id = traces.id`,
    columns: {
      name: sql.ref("spans.name"),
      type: sql.ref("spans.type"),
      status: sql.ref("spans.status"),
      content: sql.ref("spans.content"),
    },
    other: ofAttribute,
    together: true,
  },
  feedback: { kind: "custom", write: ofAssessment },
  expectation: { kind: "custom", write: ofAssessment },
  issue: {
    kind: "rows",
    from: sql`assessments`,
    owned: sql<SqlBool>`assessments.trace_id = traces.id and assessments.kind = 'issue'`,
    columns: { id: sql.ref("assessments.name") },
    together: false,
  },
};

function pairs(table: string): Source {
  return {
    kind: "pairs",
    from: sql.table(table),
    owned: sql<SqlBool>`${sql.ref(`${table}.trace_id`)} = traces.id`,
    key: sql.ref(`${table}.key`),
    value: sql.ref(`${table}.value`),
  };
}

/** Some tags and metadata are columns of the trace, and the text of a trace is that of its spans. */
export function placed<T extends Condition | SortTerm>(term: T): T {
  const { kind, key } = term;
  if (kind === "attribute" && key === "text") return { ...term, kind: "span", key: "content" };
  if (kind === "tag" && key === tagNames.traceName) return { ...term, kind: "attribute", key: "name" };
  if (kind === "metadata" && key === metadataNames.session)
    return { ...term, kind: "attribute", key: "session_id" };
  if (kind === "metadata" && (key === metadataNames.tokenUsage || key === metadataNames.cost)) {
    if (!("test" in term)) {
      throw invalid(
        `Ordering by reserved metadata '${key}' is not supported because it is represented by multiple columns.`,
      );
    }
    return { ...term, kind: "attribute" };
  }
  if (!("test" in term))
    return kind === "attribute" && key === "run_id"
      ? { ...term, kind: "metadata", key: metadataNames.sourceRun }
      : term;
  if (kind === "metadata" && key === metadataNames.sourceRun && term.test.comparator === "=")
    return { ...term, kind: "attribute", key: "run_id" };
  return term;
}

/** A trace is of a run when it was made in it, or linked to it later. */
function ofRun(condition: Condition, dialect: Parameters<WriteCondition>[1]): RawBuilder<SqlBool> {
  const value = sql.ref("trace_metadata.value");
  const made = sql`exists (select 1 from trace_metadata where trace_metadata.trace_id = traces.id
    and trace_metadata.key = ${sql.lit(metadataNames.sourceRun)} and ${compare(dialect, value, condition)})`;
  if (condition.test.comparator !== "=") return sql<SqlBool>`${made}`;
  return sql<SqlBool>`(${made} or exists (select 1 from trace_runs
    where trace_runs.trace_id = traces.id and trace_runs.run_id = ${condition.test.value}))`;
}

function withPrompt({ test }: Condition): RawBuilder<SqlBool> {
  const value = "value" in test && typeof test.value === "string" ? test.value : "";
  if (test.comparator !== "=" || value.split("/").length !== 2) {
    throw invalid(
      `Invalid prompts filter value '${value.slice(0, 100)}'. Expected format: prompt = "name/version"`,
    );
  }
  return sql<SqlBool>`exists (select 1 from trace_prompts
    where trace_prompts.trace_id = traces.id and trace_prompts.prompt = ${value})`;
}

/** Amounts are one text for clients and several columns here; only the text that clients get is equal to them. */
function amounts(names: readonly string[]): WriteCondition {
  const refs = names.map((name) => ({ name, column: sql.ref(`traces.${name}`) }));
  const some = sql.join(
    refs.map(({ column }) => sql`${column} is not null`),
    sql` or `,
  );
  return ({ key, test }) => {
    if (test.comparator === "IS NULL") return sql<SqlBool>`not (${some})`;
    if (test.comparator === "IS NOT NULL") return sql<SqlBool>`(${some})`;
    if ((test.comparator !== "=" && test.comparator !== "!=") || typeof test.value !== "string") {
      throw invalid(
        `Comparator '${test.comparator}' is not supported for reserved metadata '${key}'. ` +
          "Only '=', '!=', 'IS NULL', and 'IS NOT NULL' are supported.",
      );
    }
    const given = amountsOf(test.value, names);
    const same =
      given === null
        ? sql`1 = 0`
        : sql.join(
            refs.map(({ name, column }) => {
              const amount = given.get(name);
              return amount === undefined ? sql`${column} is null` : sql`${column} = ${amount}`;
            }),
            sql` and `,
          );
    // A column that is null makes an equality null, which is not "unequal".
    return test.comparator === "="
      ? sql<SqlBool>`(${same})`
      : sql<SqlBool>`((${some}) and not coalesce(${same}, 1 = 0))`;
  };
}

function amountsOf(text: string, names: readonly string[]): Map<string, number> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Equal to no amounts, as any other text.
    return null;
  }
  if (typeof value !== "object" || value === null || spacedJson(value) !== text) return null;
  const entries = Object.entries(value);
  const known = entries.every(([name, amount]) => names.includes(name) && typeof amount === "number");
  return known && entries.length > 0 ? new Map(entries) : null;
}

/** `attributes.<name>` of a span, as text. */
function ofAttribute(condition: Condition, dialect: Parameters<WriteCondition>[1]): RawBuilder<SqlBool> {
  const name = condition.key.slice("attributes.".length);
  const value =
    dialect === "sqlite"
      ? sql`(select case attribute.type when 'true' then 'true' when 'false' then 'false'
            else cast(attribute.value as text) end
          from json_each(spans.content, '$.attributes') attribute where attribute.key = ${name})`
      : sql`(spans.content::jsonb -> 'attributes' ->> ${name}::text)`;
  return compare(dialect, value, condition);
}

/**
 * Assessments of the trace itself, and those that speak for its whole session: they name the session in their
 * metadata. Values are JSON, so that a text may be meant with or without its quotes.
 */
function ofAssessment(condition: Condition, dialect: Parameters<WriteCondition>[1]): RawBuilder<SqlBool> {
  const { test } = condition;
  const exists = test.comparator === "IS NULL" || test.comparator === "IS NOT NULL";
  const said = sql`assessments.kind = ${condition.kind} and assessments.name = ${condition.key}
    and assessments.valid = 1 ${exists ? sql`` : sql`and ${ofValue(condition, dialect)}`}`;
  const found = sql<SqlBool>`(exists (select 1 from assessments
      where assessments.trace_id = traces.id and ${said})
    or (traces.session_id is not null and exists (select 1 from assessments
      join traces sibling on sibling.id = assessments.trace_id
      where sibling.session_id = traces.session_id and sibling.experiment_id = traces.experiment_id
        and ${said} and assessments.metadata like ${`%"${metadataNames.session}":%`})))`;
  return test.comparator === "IS NULL" ? sql<SqlBool>`not ${found}` : found;
}

function ofValue(condition: Condition, dialect: Parameters<WriteCondition>[1]): RawBuilder<SqlBool> {
  const { test } = condition;
  const value = sql.ref("assessments.value");
  switch (test.comparator) {
    case ">":
    case ">=":
    case "<":
    case "<=":
      return sql<SqlBool>`assessments.is_numeric = 1
        and assessments.aggregate_value ${sql.raw(test.comparator)} ${test.value}`;
    case "=":
    case "!=": {
      const text = String(test.value);
      const either = sql<SqlBool>`${value} in (${text}, ${JSON.stringify(text)})`;
      return test.comparator === "=" ? either : sql<SqlBool>`not ${either}`;
    }
    case "LIKE":
    case "ILIKE":
    case "RLIKE":
    case "IN":
    case "NOT IN":
    case "IS NULL":
    case "IS NOT NULL":
      return compare(dialect, value, { type: "text", test });
  }
}
