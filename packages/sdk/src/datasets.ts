import type { Page } from "@hearth/wire/hub/common";
import {
  dataset,
  datasetPage,
  datasetRows,
  datasetStatisticsResponse,
  datasetUses,
  datasetVersions,
  verifyDatasetResponse,
  type CreateDatasetRequest,
  type Dataset,
  type DatasetOptions,
  type DatasetRows,
  type DatasetStatisticsQuery,
  type DatasetStatisticsResponse,
  type DatasetUses,
  type DatasetVersions,
  type SplitName,
} from "@hearth/wire/hub/datasets";
import type { z } from "zod";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

export interface UploadedFile {
  /** `train.jsonl`, `validation.jsonl`, `test.jsonl` (or `.csv`, `.parquet`), or any name when it is the only file. */
  name: string;
  content: Blob;
}

/** Data sets, named by id or name. */
export class DatasetsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  list(options: ListOptions = {}): Promise<Page<Dataset>> {
    return this.transport.json(datasetPage, "GET", "/datasets", { ...options, query: pageQueryOf(options) });
  }

  /** Registers what lies on the hub's machine. */
  create(request: CreateDatasetRequest, options: CallOptions = {}): Promise<Dataset> {
    return this.transport.json(dataset, "POST", "/datasets", { ...options, body: request });
  }

  /** Sends files from this machine: JSONL, CSV or Parquet by their extensions. */
  upload(
    name: string,
    files: readonly UploadedFile[],
    { mapping, split, ...options }: CallOptions & DatasetOptions = {},
  ): Promise<Dataset> {
    const form = new FormData();
    form.set("name", name);
    if (mapping !== undefined) form.set("mapping", JSON.stringify(mapping));
    if (split !== undefined) form.set("split", JSON.stringify(split));
    for (const file of files) form.append("files", file.content, file.name);
    return this.transport.json(dataset, "POST", "/datasets", { ...options, form });
  }

  get(idOrName: string, options: CallOptions = {}): Promise<Dataset> {
    return this.transport.json(dataset, "GET", `/datasets/${segment(idOrName)}`, options);
  }

  /** All versions of the dataset's name, the newest first. */
  versions(idOrName: string, options: CallOptions = {}): Promise<DatasetVersions> {
    return this.transport.json(datasetVersions, "GET", `/datasets/${segment(idOrName)}/versions`, options);
  }

  remove(idOrName: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("DELETE", `/datasets/${segment(idOrName)}`, options);
  }

  /** Hashes the hub's copy again. */
  verify(idOrName: string, options: CallOptions = {}): Promise<z.output<typeof verifyDatasetResponse>> {
    return this.transport.json(
      verifyDatasetResponse,
      "POST",
      `/datasets/${segment(idOrName)}/verify`,
      options,
    );
  }

  /** Some rows of a split, in their order; at most 100. */
  rows(
    idOrName: string,
    options: CallOptions & { split?: SplitName; offset?: number; limit?: number } = {},
  ): Promise<DatasetRows> {
    const { split, offset, limit, ...call } = options;
    return this.transport.json(datasetRows, "GET", `/datasets/${segment(idOrName)}/rows`, {
      ...call,
      query: { split, offset, limit },
    });
  }

  /** Labels, lengths, and rows that come again; with `model` also tokens of its tokenizer. */
  statistics(
    idOrName: string,
    { model, sequence_length, ...call }: CallOptions & DatasetStatisticsQuery = {},
  ): Promise<DatasetStatisticsResponse> {
    return this.transport.json(
      datasetStatisticsResponse,
      "GET",
      `/datasets/${segment(idOrName)}/statistics`,
      {
        ...call,
        query: { model, sequence_length },
      },
    );
  }

  /** Who was made from it or judged on it. */
  uses(idOrName: string, options: CallOptions = {}): Promise<DatasetUses> {
    return this.transport.json(datasetUses, "GET", `/datasets/${segment(idOrName)}/uses`, options);
  }
}
