import { entityName } from "@hearth/wire/hub/common";
import {
  createDatasetRequest,
  dataset,
  datasetOptions,
  type DatasetOptions,
} from "@hearth/wire/hub/datasets";
import { HearthError } from "../../../errors.ts";
import { operation } from "../../operation.ts";
import { parseInput } from "../../parse-input.ts";
import type { UploadedFile } from "../../services.ts";
import type { UploadedForm } from "../../upload.ts";

export const createDataset = operation({
  method: "POST",
  path: "/datasets",
  name: "createDataset",
  summary:
    "Register a data set by path (JSON), or upload it (multipart: `name`, `files`, and `mapping` and `split` as JSON)",
  tag: "datasets",
  body: createDatasetRequest,
  responses: { 201: { description: "The data set", schema: dataset } },
  handle: ({ services, body, signal }) => services.datasets.register(body, signal),
  upload({ services, form, signal }) {
    const name = parseInput(entityName, form.values.get("name"), "name");
    return services.datasets.upload(name, uploadedFiles(form), signal, optionsOf(form.values));
  },
});

const textFields: readonly string[] = ["name", "mapping", "split"];

function optionsOf(values: UploadedForm["values"]): DatasetOptions {
  const given: Record<string, unknown> = {};
  for (const field of ["mapping", "split"]) {
    const text = values.get(field);
    if (text === undefined) continue;
    try {
      given[field] = JSON.parse(text);
    } catch (error) {
      throw new HearthError("invalid_request", `${field} must be JSON.`, {
        cause: error,
        details: { field },
      });
    }
  }
  return parseInput(datasetOptions, given, "the form");
}

function uploadedFiles({ values, files }: UploadedForm): UploadedFile[] {
  for (const field of [...values.keys(), ...files.map((file) => file.field)]) {
    if (textFields.includes(field) && values.has(field)) continue;
    if (field === "files" && !values.has(field)) continue;
    const problem =
      field === "files"
        ? "must hold files, each with a file name"
        : textFields.includes(field)
          ? "must be text"
          : "is not a known field; known fields: name, files, mapping, split";
    throw new HearthError("invalid_request", `${field} ${problem}.`, { details: { field } });
  }
  if (files.length === 0)
    throw new HearthError("invalid_request", "files is required: send at least one file.", {
      details: { field: "files" },
    });
  return files.map(({ name, bytes }) => ({ name, bytes }));
}
