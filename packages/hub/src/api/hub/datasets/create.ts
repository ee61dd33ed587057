import { entityName } from "@hearth/wire/hub/common";
import { createDatasetRequest, dataset } from "@hearth/wire/hub/datasets";
import { HearthError } from "../../../errors.ts";
import { operation } from "../../operation.ts";
import { parseInput } from "../../parse-input.ts";
import type { UploadedFile } from "../../services.ts";

const maximumFiles = 8;

export const createDataset = operation({
  method: "POST",
  path: "/datasets",
  name: "createDataset",
  summary: "Register a data set by path (JSON), or upload it (multipart: `name`, `files`)",
  tag: "datasets",
  body: createDatasetRequest,
  responses: { 201: { description: "The data set", schema: dataset } },
  handle: ({ services, body, signal }) => services.datasets.register(body, signal),
  upload({ services, form, signal }) {
    const name = parseInput(entityName, form.get("name") ?? undefined, "name");
    return services.datasets.upload(name, uploadedFiles(form), signal);
  },
});

function uploadedFiles(form: FormData): UploadedFile[] {
  for (const field of new Set(form.keys())) {
    if (field !== "name" && field !== "files") {
      throw new HearthError("invalid_request", `${field} is not a known field; known fields: name, files.`, {
        details: { field },
      });
    }
  }
  const files: UploadedFile[] = [];
  for (const entry of form.getAll("files")) {
    if (typeof entry === "string") {
      throw new HearthError(
        "invalid_request",
        "files must hold files, not text; send each with a file name.",
        { details: { field: "files" } },
      );
    }
    files.push({ name: entry.name, bytes: () => entry.stream() });
  }
  if (files.length === 0 || files.length > maximumFiles) {
    throw new HearthError("invalid_request", `files has ${files.length} files; send 1 to ${maximumFiles}.`, {
      details: { field: "files", found: files.length },
    });
  }
  return files;
}
