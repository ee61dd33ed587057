import type {
  EvaluationDataset,
  EvaluationRecord,
  RecordPlace,
} from "../../../evaluation/evaluation-datasets/evaluation-datasets.ts";
import { spacedJson } from "../../../lossless-json.ts";
import { compact } from "../compact.ts";

export function presentDataset(dataset: EvaluationDataset, experimentIds: readonly string[] = []): object {
  return compact({
    dataset_id: dataset.id,
    name: dataset.name,
    tags: spacedJson(Object.fromEntries(dataset.tags)),
    schema: dataset.schema,
    profile: dataset.records === 0 ? null : `{"num_records": ${dataset.records}}`,
    digest: dataset.digest,
    created_time: dataset.createdAt,
    last_update_time: dataset.updatedAt,
    created_by: dataset.createdBy,
    last_updated_by: dataset.updatedBy,
    experiment_ids: experimentIds,
  });
}

/** A record as JSON. Its parts are stored as JSON and go out as they came in. */
export function recordText(record: EvaluationRecord): string {
  const parts: (readonly [string, string | null])[] = [
    ["dataset_record_id", JSON.stringify(record.id)],
    ["dataset_id", JSON.stringify(record.dataset_id)],
    ["inputs", record.inputs],
    ["outputs", record.outputs],
    ["expectations", record.expectations],
    ["tags", record.tags],
    ["source", record.source],
    ["source_id", textOrNull(record.source_id)],
    ["source_type", textOrNull(record.source_type)],
    ["created_by", textOrNull(record.created_by)],
    ["last_updated_by", textOrNull(record.updated_by)],
    ["created_time", String(record.created_at)],
    ["last_update_time", String(record.updated_at)],
  ];
  const given = parts.flatMap(([name, text]) => (text === null ? [] : [`"${name}": ${text}`]));
  return `{${given.join(", ")}}`;
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text);
}

/** Base64 of `<time>:<id>` of the last record that was sent, as MLflow has it. */
export function recordToken(record: EvaluationRecord): string {
  return Buffer.from(`${record.created_at}:${record.id}`).toString("base64");
}

/** Null for a text that is no token. */
export function placeOf(token: string): RecordPlace | null {
  const [, time, id] = /^(\d{1,15}):([\w-]+)$/.exec(Buffer.from(token, "base64").toString()) ?? [];
  return time === undefined || id === undefined ? null : { createdAt: Number(time), id };
}
