import { setImmediate as nextTurn } from "node:timers/promises";
import type { Span } from "../../otlp/otlp.ts";
import { emptyAttributes } from "../../otlp/otlp.ts";
import type { Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import type { InferenceTable } from "../../storage/tables/inference.ts";
import { spanInsert, spanValues } from "./span-rows.ts";
import { attributeNames, inTrackingStore, metadataNames, tagNames } from "./names.ts";
import { upsertPairs, type PairRow } from "./pairs.ts";
import { toSpanRow } from "./span-content.ts";

/** OpenTelemetry's SPAN_KIND_SERVER. */
const serverKind = 2;
const answersPerTurn = 50;
const schemaVersion = "3";

const traceInsert = new RowInsert(
  "traces",
  {
    id: "text",
    experiment_id: "text",
    started_at: "bigint",
    duration_ms: "bigint",
    state: "text",
    name: "text",
    input_tokens: "bigint",
    output_tokens: "bigint",
    total_tokens: "bigint",
    cache_read_input_tokens: "bigint",
    finalized: "integer",
  },
  "",
);

const inferenceInsert = new RowInsert(
  "inferences",
  {
    trace_id: "text",
    endpoint: "text",
    version_id: "text",
    model: "text",
    version: "integer",
    run_id: "text",
    artifact_sha256: "text",
    status: "text",
    finish_reason: "text",
    error_code: "text",
    prompt_tokens: "bigint",
    cached_tokens: "bigint",
    completion_tokens: "bigint",
    ttft_ms: "double precision",
    latency_ms: "double precision",
    created_at: "bigint",
  },
  "",
);

/** Stores answers of the hub, each as a trace with one span in the experiment of its model. */
export async function insertAnswers(db: Queries, answers: readonly InferenceTable[]): Promise<void> {
  const experiments = await experimentsOf(db, answers);
  for (let start = 0; start < answers.length; start += answersPerTurn) {
    if (start > 0) await nextTurn();
    await insertSome(db, answers.slice(start, start + answersPerTurn), experiments);
  }
}

async function insertSome(
  db: Queries,
  answers: readonly InferenceTable[],
  experiments: (answer: InferenceTable) => string | undefined,
): Promise<void> {
  await inferenceInsert.run(
    db,
    answers.map((answer) => [
      answer.trace_id,
      answer.endpoint,
      answer.version_id,
      answer.model,
      answer.version,
      answer.run_id,
      answer.artifact_sha256,
      answer.status,
      answer.finish_reason,
      answer.error_code,
      answer.prompt_tokens,
      answer.cached_tokens,
      answer.completion_tokens,
      answer.ttft_ms,
      answer.latency_ms,
      answer.created_at,
    ]),
  );
  const placed = answers.flatMap((answer) => {
    const experimentId = experiments(answer);
    return experimentId === undefined ? [] : [{ answer, experimentId }];
  });
  await traceInsert.run(
    db,
    placed.map(({ answer, experimentId }) => {
      const duration = Math.round(answer.latency_ms);
      const total =
        answer.prompt_tokens === null ? null : answer.prompt_tokens + (answer.completion_tokens ?? 0);
      return [
        answer.trace_id,
        experimentId,
        answer.created_at - duration,
        duration,
        answer.status === "ok" ? "OK" : "ERROR",
        answer.endpoint,
        answer.prompt_tokens,
        answer.completion_tokens,
        total,
        answer.cached_tokens,
        1,
      ];
    }),
  );
  await spanInsert.run(
    db,
    placed.map(({ answer, experimentId }) => spanValues(toSpanRow(spanOf(answer)), experimentId)),
  );
  await upsertPairs(
    db,
    "trace_metadata",
    placed.flatMap(({ answer }) => metadataOf(answer)),
  );
  await upsertPairs(
    db,
    "trace_tags",
    placed.map(({ answer }): PairRow => [answer.trace_id, tagNames.spansLocation, inTrackingStore]),
  );
}

function metadataOf(answer: InferenceTable): PairRow[] {
  const id = answer.trace_id;
  return [
    [id, metadataNames.schemaVersion, schemaVersion],
    [id, "hearth.modelVersion", nameOf(answer)],
    ...(answer.run_id === null ? [] : [[id, metadataNames.sourceRun, answer.run_id] as const]),
    ...(answer.artifact_sha256 === null ? [] : [[id, "hearth.sha256", answer.artifact_sha256] as const]),
  ];
}

/** `name:3`, or `provider/model` of another server. */
function nameOf({ model, version }: InferenceTable): string {
  return version === null ? model : `${model}:${version}`;
}

function providerOf({ model, version }: InferenceTable): string {
  return version === null ? model.slice(0, Math.max(0, model.indexOf("/"))) : "hearth";
}

function spanOf(answer: InferenceTable): Span {
  const ended = BigInt(answer.created_at) * 1_000_000n;
  const started = ended - BigInt(Math.round(answer.latency_ms * 1e6));
  const traceId = answer.trace_id.slice(3);
  const attributes = emptyAttributes();
  attributes[attributeNames.spanType] = "CHAT_MODEL";
  attributes[attributeNames.model] = nameOf(answer);
  attributes[attributeNames.modelProvider] = providerOf(answer);
  if (answer.prompt_tokens !== null) {
    const output = answer.completion_tokens ?? 0;
    attributes[attributeNames.tokenUsage] = {
      input_tokens: answer.prompt_tokens,
      output_tokens: output,
      total_tokens: answer.prompt_tokens + output,
      ...(answer.cached_tokens === null ? {} : { cache_read_input_tokens: answer.cached_tokens }),
    };
  }
  if (answer.finish_reason !== null) attributes["gen_ai.response.finish_reasons"] = [answer.finish_reason];
  if (answer.error_code !== null) attributes["error.type"] = answer.error_code;
  if (answer.run_id !== null) attributes["hearth.run_id"] = answer.run_id;
  const firstToken = answer.ttft_ms === null ? null : started + BigInt(Math.round(answer.ttft_ms * 1e6));
  return {
    traceId,
    spanId: traceId.slice(-16),
    parentSpanId: null,
    name: answer.endpoint,
    kind: serverKind,
    startTimeUnixNano: started,
    endTimeUnixNano: ended,
    attributes,
    events:
      firstToken === null
        ? []
        : [{ name: "first token", timeUnixNano: firstToken, attributes: emptyAttributes() }],
    links: [],
    status: { code: answer.status === "ok" ? 1 : 2, message: answer.error_code ?? "" },
    resource: emptyAttributes(),
  };
}

/** Of a model that is gone in the meantime its answers still count in the default experiment, if that is there. */
async function experimentsOf(
  db: Queries,
  answers: readonly InferenceTable[],
): Promise<(answer: InferenceTable) => string | undefined> {
  const names = [...new Set(answers.map((answer) => answer.model))];
  const models = await db
    .selectFrom("models")
    .select(["name", "experiment_id"])
    .where("name", "in", names)
    .execute();
  const byName = new Map(models.map((model) => [model.name, model.experiment_id]));
  const fallback =
    byName.size === names.length
      ? undefined
      : await db.selectFrom("experiments").select("id").where("id", "=", "0").executeTakeFirst();
  return (answer) => byName.get(answer.model) ?? fallback?.id;
}
