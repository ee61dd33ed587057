import { randomUUID } from "node:crypto";
import { HearthError } from "../../errors.ts";
import { isRawNumber, parseLossless, spacedJson } from "../../lossless-json.ts";
import { storableText } from "../../storage/storable-text.ts";
import type { Database, Queries } from "../../storage/database.ts";
import type { AssessmentTable } from "../../storage/tables/traces.ts";
import { invalid, noTrace } from "./errors.ts";
import { storableValue } from "./storable.ts";
import type { Assessment, AssessmentError } from "./trace.ts";

export interface NewAssessment extends Omit<
  Assessment,
  "id" | "trace_id" | "valid" | "created_at" | "updated_at"
> {
  id: string | null;
  /** Default: true. */
  valid?: boolean;
  /** ms since the epoch; default: now. */
  created_at?: number;
  updated_at?: number;
}

/** What an update sets; what is not given stays. Metadata is merged. */
export interface AssessmentChange {
  name?: string;
  expectation?: { value: unknown };
  feedback?: { value: unknown; error: AssessmentError | null };
  rationale?: string;
  metadata?: Record<string, string>;
}

/** The run that made an assessment names itself here. */
const sourceRunKey = "mlflow.assessment.sourceRunId";
const maxNameLength = 250;

type AssessmentRow = Omit<AssessmentTable, "sequence"> & { sequence: number };

/** Adds an assessment; the one that it overrides is not valid any more. */
export async function createAssessment(
  database: Database,
  traceId: string,
  request: NewAssessment,
): Promise<Assessment> {
  return await database.write(async (db) => {
    await requireTrace(db, traceId);
    if (request.overrides !== null) {
      const overridden = await db
        .updateTable("assessments")
        .set({ valid: 0 })
        .where("trace_id", "=", traceId)
        .where("id", "=", request.overrides)
        .returning("id")
        .executeTakeFirst();
      if (overridden === undefined) throw noAssessment(traceId, request.overrides);
    }
    const id = await insertAssessment(db, { ...request, traceId });
    return present(await readRow(db, traceId, id));
  });
}

/** Only the row; the trace must exist. Returns its id. */
export async function insertAssessment(
  db: Queries,
  request: NewAssessment & { traceId: string },
): Promise<string> {
  const now = Date.now();
  const id = request.id === null || request.id === "" ? `a-${randomUUID().replaceAll("-", "")}` : request.id;
  const row = {
    id,
    trace_id: request.traceId,
    name: checkedName(request.name),
    kind: request.kind,
    ...valueColumns(request.value),
    error: jsonOrNull(request.error),
    source_type: request.source.source_type,
    source_id: request.source.source_id === null ? null : storableText(request.source.source_id),
    run_id: request.metadata?.[sourceRunKey] ?? null,
    span_id: request.span_id,
    rationale: request.rationale === null ? null : storableText(request.rationale),
    overrides: request.overrides,
    valid: request.valid === false ? (0 as const) : (1 as const),
    metadata: jsonOrNull(request.metadata),
    created_at: request.created_at ?? now,
    updated_at: request.updated_at ?? request.created_at ?? now,
  };
  const { id: _, created_at: __, ...change } = row;
  const stored = await db
    .insertInto("assessments")
    .values(row)
    // A client that exports a trace twice sends its assessments twice; another trace's are not its own.
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet(change).where("assessments.trace_id", "=", request.traceId),
    )
    .returning("id")
    .executeTakeFirst();
  if (stored === undefined) throw invalid(`The assessment ID '${id}' belongs to another trace.`);
  return id;
}

export async function getAssessment(db: Queries, traceId: string, id: string): Promise<Assessment> {
  return present(await readRow(db, traceId, id));
}

/** Source and span never change. */
export async function updateAssessment(
  database: Database,
  traceId: string,
  id: string,
  change: AssessmentChange,
): Promise<Assessment> {
  return await database.write(async (db) => {
    const row = await readRow(db, traceId, id);
    if (change.expectation !== undefined && change.feedback !== undefined)
      throw invalid("Cannot specify both `expectation` and `feedback` parameters.");
    if (change.expectation !== undefined && row.kind !== "expectation")
      throw invalid("Cannot update expectation value on a Feedback assessment.");
    if (change.feedback !== undefined && row.kind !== "feedback")
      throw invalid("Cannot update feedback value on an Expectation assessment.");
    const value = change.expectation ?? change.feedback;
    const known = row.metadata === null ? {} : (JSON.parse(row.metadata) as Record<string, string>);
    await db
      .updateTable("assessments")
      .set({
        updated_at: Math.max(Date.now(), row.updated_at),
        ...(change.name === undefined ? {} : { name: checkedName(change.name) }),
        ...(value === undefined ? {} : valueColumns(value.value)),
        ...(change.feedback === undefined ? {} : { error: jsonOrNull(change.feedback.error) }),
        ...(change.rationale === undefined ? {} : { rationale: storableText(change.rationale) }),
        ...(change.metadata === undefined ? {} : { metadata: jsonOrNull({ ...known, ...change.metadata }) }),
      })
      .where("id", "=", id)
      .execute();
    return present(await readRow(db, traceId, id));
  });
}

/** The one that it replaced is valid again. Deleting what is not there is no mistake. */
export async function deleteAssessment(database: Database, traceId: string, id: string): Promise<void> {
  await database.write(async (db) => {
    await requireTrace(db, traceId);
    const deleted = await db
      .deleteFrom("assessments")
      .where("trace_id", "=", traceId)
      .where("id", "=", id)
      .returning("overrides")
      .executeTakeFirst();
    if (deleted === undefined || deleted.overrides === null) return;
    await db
      .updateTable("assessments")
      .set({ valid: 1 })
      .where("trace_id", "=", traceId)
      .where("id", "=", deleted.overrides)
      .execute();
  });
}

/** Of each trace, in the order in which they came. */
export async function assessmentsOf(
  db: Queries,
  traceIds: readonly string[],
): Promise<Map<string, Assessment[]>> {
  const rows = await db
    .selectFrom("assessments")
    .selectAll()
    .where("trace_id", "in", traceIds)
    .orderBy("sequence")
    .execute();
  return Map.groupBy(rows.map(present), (assessment) => assessment.trace_id);
}

async function readRow(db: Queries, traceId: string, id: string): Promise<AssessmentRow> {
  const row = await db
    .selectFrom("assessments")
    .selectAll()
    .where("trace_id", "=", traceId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row !== undefined) return row;
  const trace = await db.selectFrom("traces").select("id").where("id", "=", traceId).executeTakeFirst();
  if (trace !== undefined) throw noAssessment(traceId, id);
  throw new HearthError("not_found", `Trace with request_id '${traceId}' not found`);
}

async function requireTrace(db: Queries, id: string): Promise<void> {
  const trace = await db.selectFrom("traces").select("id").where("id", "=", id).executeTakeFirst();
  if (trace === undefined) throw noTrace(id);
}

function noAssessment(traceId: string, id: string): HearthError {
  return new HearthError("not_found", `Assessment with ID '${id}' not found for trace '${traceId}'`);
}

function present(row: AssessmentRow): Assessment {
  return {
    id: row.id,
    trace_id: row.trace_id,
    name: row.name,
    kind: row.kind,
    value: parseLossless(row.value),
    error: row.error === null ? null : (JSON.parse(row.error) as AssessmentError),
    source: { source_type: row.source_type, source_id: row.source_id },
    span_id: row.span_id,
    rationale: row.rationale,
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as Record<string, string>),
    overrides: row.overrides,
    valid: row.valid === 1,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

function checkedName(name: string): string {
  if (name === "" || name.length > maxNameLength)
    throw invalid(`An assessment_name has 1 to ${maxNameLength} characters; found ${name.length}.`);
  return storableText(name);
}

function valueColumns(value: unknown): Pick<AssessmentTable, "value" | "aggregate_value" | "is_numeric"> {
  const number = isRawNumber(value) ? Number(value.rawJSON) : value;
  const isNumeric = typeof number === "number" && Number.isFinite(number);
  return {
    value: storableJson(value),
    aggregate_value: isNumeric ? number : yesOrNo(value),
    is_numeric: isNumeric ? 1 : 0,
  };
}

function yesOrNo(value: unknown): number | null {
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (word === true || word === "yes") return 1;
  return word === false || word === "no" ? 0 : null;
}

function jsonOrNull(value: object | null): string | null {
  return value === null || Object.keys(value).length === 0 ? null : storableJson(value);
}

/** In Python's layout, which filters on a value compare with. */
function storableJson(value: unknown): string {
  return spacedJson(storableValue(value));
}
