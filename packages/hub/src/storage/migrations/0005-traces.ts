import { sql, type Kysely } from "kysely";
import { withCounter } from "./columns.ts";

/**
 * Traces as MLflow has them. What an answer of the hub adds is beside its trace, in `inferences`.
 * `../tables/traces.ts` says what the columns mean.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await inferences(db);
  await traces(db);
  await spans(db);
  await assessments(db);
  await links(db);
  await fillTraces(db);
}

async function inferences(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex("traces_by_time").execute();
  await db.schema.dropIndex("traces_by_version").execute();
  await db.schema.alterTable("traces").renameTo("inferences").execute();
  await db.schema.alterTable("inferences").renameColumn("id", "trace_id").execute();
  await sql`update inferences set trace_id = 'tr-' || replace(trace_id, '-', '')`.execute(db);
  await db.schema
    .createIndex("inferences_by_time")
    .on("inferences")
    .columns(["created_at", "trace_id"])
    .execute();
  await db.schema
    .createIndex("inferences_by_version")
    .on("inferences")
    .columns(["version_id", "created_at"])
    .execute();
}

const tokenColumns = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "cache_creation_input_tokens_above_1hr",
];
const costColumns = ["input_cost", "output_cost", "total_cost"];

async function traces(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable("traces")
    // Its primary key would else have the name of the one that `inferences` has kept.
    .addColumn("id", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("traces_key", ["id"])
    .addColumn("experiment_id", "text", (column) =>
      column.notNull().references("experiments.id").onDelete("cascade"),
    )
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("duration_ms", "bigint")
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("name", "text")
    .addColumn("client_request_id", "text")
    .addColumn("request_preview", "text")
    .addColumn("response_preview", "text")
    .addColumn("session_id", "text")
    .addColumn("finalized", "integer", (column) => column.notNull())
    .addColumn("told_tokens", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("told_cost", "integer", (column) => column.notNull().defaultTo(0));
  for (const column of tokenColumns) table = table.addColumn(column, "bigint");
  for (const column of costColumns) table = table.addColumn(column, "double precision");
  await table.execute();
  await sql`create index traces_by_experiment on traces (experiment_id, started_at desc, id)`.execute(db);
  await sql`create index traces_by_session on traces (session_id) where session_id is not null`.execute(db);
  for (const pairs of ["trace_tags", "trace_metadata"]) {
    await db.schema
      .createTable(pairs)
      .addColumn("trace_id", "text", (column) => column.notNull().references("traces.id").onDelete("cascade"))
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("value", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint(`${pairs}_key`, ["trace_id", "key"])
      .execute();
  }
  // A run's page asks for the traces of the run.
  await sql`create index trace_metadata_by_run on trace_metadata (value, trace_id)
    where key = 'mlflow.sourceRun'`.execute(db);
}

async function spans(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable("spans")
    .addColumn("trace_id", "text", (column) => column.notNull().references("traces.id").onDelete("cascade"))
    .addColumn("span_id", "text", (column) => column.notNull())
    .addColumn("parent_span_id", "text")
    .addColumn("experiment_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("type", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("start_ns", "bigint", (column) => column.notNull())
    .addColumn("end_ns", "bigint")
    .addColumn("model_name", "text")
    .addColumn("model_provider", "text")
    .addColumn("token_usage", "text")
    .addColumn("content", "text", (column) => column.notNull());
  for (const column of costColumns) table = table.addColumn(column, "double precision");
  await table.addPrimaryKeyConstraint("spans_key", ["trace_id", "span_id"]).execute();
}

async function assessments(db: Kysely<unknown>): Promise<void> {
  await withCounter(db, db.schema.createTable("assessments"), "sequence")
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("trace_id", "text", (column) => column.notNull().references("traces.id").onDelete("cascade"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("error", "text")
    .addColumn("source_type", "text", (column) => column.notNull())
    .addColumn("source_id", "text")
    .addColumn("run_id", "text")
    .addColumn("span_id", "text")
    .addColumn("rationale", "text")
    .addColumn("overrides", "text")
    .addColumn("valid", "integer", (column) => column.notNull())
    .addColumn("metadata", "text")
    .addColumn("aggregate_value", "double precision")
    .addColumn("is_numeric", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("assessments_by_trace")
    .on("assessments")
    .columns(["trace_id", "kind", "name"])
    .execute();
  await db.schema
    .createIndex("assessments_by_name")
    .on("assessments")
    .columns(["kind", "name", "trace_id"])
    .execute();
}

async function links(db: Kysely<unknown>): Promise<void> {
  for (const [table, target] of [
    ["trace_runs", "run_id"],
    ["trace_prompts", "prompt"],
  ] as const) {
    await db.schema
      .createTable(table)
      .addColumn("trace_id", "text", (column) => column.notNull().references("traces.id").onDelete("cascade"))
      .addColumn(target, "text", (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, [target, "trace_id"])
      .execute();
    await db.schema.createIndex(`${table}_by_trace`).on(table).column("trace_id").execute();
  }
}

/**
 * The hub's answers of the first release become traces of their models' experiments, with one span each. A model
 * that is gone has left its experiment behind, under the same name; without one an answer has no trace.
 */
async function fillTraces(db: Kysely<unknown>): Promise<void> {
  await sql`insert into traces (id, experiment_id, started_at, duration_ms, state, name,
      input_tokens, output_tokens, total_tokens, cache_read_input_tokens, finalized)
    select trace_id, experiment_id,
      created_at - cast(round(latency_ms) as bigint), cast(round(latency_ms) as bigint),
      case status when 'ok' then 'OK' else 'ERROR' end, endpoint,
      prompt_tokens, completion_tokens, prompt_tokens + completion_tokens, cached_tokens, 1
    from (select inferences.*, coalesce(
        (select experiment_id from models where models.name = inferences.model),
        (select id from experiments where experiments.name = inferences.model)) as experiment_id
      from inferences) answers
    where experiment_id is not null`.execute(db);
  const metadata = async (key: string, value: string) => {
    await sql`insert into trace_metadata (trace_id, key, value)
      select trace_id, ${key}, ${sql.raw(value)} from inferences join traces on traces.id = inferences.trace_id
      where ${sql.raw(value)} is not null`.execute(db);
  };
  await metadata("mlflow.trace_schema.version", "'3'");
  await metadata("mlflow.sourceRun", "run_id");
  await metadata("hearth.modelVersion", "model || ':' || version");
  await sql`insert into trace_tags (trace_id, key, value)
    select id, 'mlflow.trace.spansLocation', 'TRACKING_STORE' from traces`.execute(db);
  await fillSpans(db);
}

const rowsPerStep = 500;

interface OldAnswer {
  trace_id: string;
  endpoint: string;
  model: string;
  version: number;
  status: string;
  latency_ms: number;
  created_at: number;
}

async function fillSpans(db: Kysely<unknown>): Promise<void> {
  let after = "";
  for (;;) {
    const { rows } = await sql<OldAnswer>`
      select trace_id, endpoint, model, version, status, latency_ms, created_at from inferences
      where trace_id > ${after} order by trace_id limit ${sql.lit(rowsPerStep)}`.execute(db);
    for (const row of rows) {
      const spanId = row.trace_id.slice(-16);
      const ended = BigInt(row.created_at) * 1_000_000n;
      const started = ended - BigInt(Math.round(row.latency_ms * 1e6));
      const status = row.status === "ok" ? "OK" : "ERROR";
      const content = JSON.stringify({
        trace_id: row.trace_id.slice(3),
        span_id: spanId,
        parent_span_id: null,
        name: row.endpoint,
        kind: 2,
        start_time_unix_nano: String(started),
        end_time_unix_nano: String(ended),
        status: { code: `STATUS_CODE_${status}`, message: "" },
        attributes: {
          "mlflow.spanType": "CHAT_MODEL",
          "mlflow.llm.model": `${row.model}:${row.version}`,
        },
        events: [],
        links: [],
      });
      await sql`insert into spans (trace_id, span_id, experiment_id, name, type, status, start_ns, end_ns,
          model_name, model_provider, content)
        select id, ${spanId}, experiment_id, ${row.endpoint}, 'CHAT_MODEL', ${status}, cast(${started} as bigint),
          cast(${ended} as bigint),
          ${`${row.model}:${row.version}`}, 'hearth', ${content}
        from traces where id = ${row.trace_id}`.execute(db);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.trace_id;
  }
}
