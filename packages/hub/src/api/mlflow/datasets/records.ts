import { HearthError } from "../../../errors.ts";
import { required } from "../../required.ts";
import { int32, list, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";
import { parseJsonText } from "./json-text.ts";
import { placeOf, recordText, recordToken } from "./present.ts";

const path = "/mlflow/datasets/{dataset_id}/records";
const versions = ["3.0"] as const;
/** A client sends all the records of a call at once. */
const recordsLimit = 64 * 2 ** 20;
/** Records of a page; who asks for more gets a token for the rest. */
const mostRecords = 5000;

export const upsertDatasetRecords = mlflowOperation({
  method: "POST",
  path,
  versions,
  name: "mlflowUpsertDatasetRecords",
  summary: "Adds records to a dataset, or to the records with the same inputs",
  bodyLimit: recordsLimit,
  request: { records: text().required() },
  handle: async ({ services, params, input }) => {
    const records = parseJsonText(input.records, "records");
    const isEmpty = typeof records === "object" && records !== null && Object.keys(records).length === 0;
    if (!Array.isArray(records) && !isEmpty) {
      throw new HearthError("invalid_request", "'records' must be a JSON list of records.", {
        details: { field: "records" },
      });
    }
    const { inserted, updated } = await services.evaluationDatasets.upsertRecords(
      required(params, "dataset_id"),
      Array.isArray(records) ? records : [],
    );
    return { inserted_count: inserted, updated_count: updated };
  },
});

export const getDatasetRecords = mlflowOperation({
  method: "GET",
  path,
  versions,
  name: "mlflowGetDatasetRecords",
  summary: "The records of a dataset, page by page",
  request: { max_results: int32().or(0), page_token: text() },
  handle: async ({ services, params, input }) => {
    const token = input.page_token ?? "";
    const after = token === "" ? null : placeOf(token);
    if (token !== "" && after === null) {
      throw new HearthError(
        "invalid_request",
        "Invalid page token: give the next_page_token of an earlier answer.",
        {
          details: { field: "page_token" },
        },
      );
    }
    const limit = input.max_results <= 0 ? 1000 : Math.min(input.max_results, mostRecords);
    // One more than is sent tells whether there is a next page.
    const found = await services.evaluationDatasets.records(required(params, "dataset_id"), {
      limit: limit + 1,
      after,
    });
    const records = found.slice(0, limit);
    const last = records.at(-1);
    return {
      records: `[${records.map(recordText).join(", ")}]`,
      ...(found.length > limit && last !== undefined ? { next_page_token: recordToken(last) } : {}),
    };
  },
});

export const deleteDatasetRecords = mlflowOperation({
  method: "DELETE",
  path,
  versions,
  name: "mlflowDeleteDatasetRecords",
  summary: "Removes records of a dataset",
  request: { dataset_record_ids: list(text().required()) },
  handle: async ({ services, params, input }) => ({
    deleted_count: await services.evaluationDatasets.deleteRecords(
      required(params, "dataset_id"),
      input.dataset_record_ids,
    ),
  }),
});
