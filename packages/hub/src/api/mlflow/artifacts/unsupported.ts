import type { Method, Operation } from "../../operation.ts";
import { mlflowOperation } from "../operation.ts";

/** What only stores in a cloud do. Clients read this answer and send the file itself then. */
function unsupported(method: Method, path: string, name: string, what: string): Operation {
  return mlflowOperation({
    method,
    path,
    rawBody: true,
    name,
    summary: `${what}: not for a store on the hub's own disk`,
    handle: () =>
      Promise.resolve(
        Response.json(
          {
            error_code: "NOT_IMPLEMENTED",
            message: `${what} is not supported for the current artifact repository`,
          },
          { status: 501 },
        ),
      ),
  });
}

const multipart = "Multipart upload";

export const unsupportedArtifactOperations: readonly Operation[] = [
  unsupported("POST", "/mlflow-artifacts/mpu/create/{path...}", "mlflowCreateMultipartUpload", multipart),
  unsupported("POST", "/mlflow-artifacts/mpu/complete/{path...}", "mlflowCompleteMultipartUpload", multipart),
  unsupported("POST", "/mlflow-artifacts/mpu/abort/{path...}", "mlflowAbortMultipartUpload", multipart),
  unsupported(
    "GET",
    "/mlflow-artifacts/presigned/{path...}",
    "mlflowPresignedDownload",
    "Multipart download",
  ),
  unsupported(
    "POST",
    "/mlflow/artifacts/presigned-upload-url",
    "mlflowPresignedUploadUrl",
    "Presigned upload",
  ),
  unsupported(
    "POST",
    "/mlflow/artifacts/presigned-download-url",
    "mlflowPresignedDownloadUrl",
    "Presigned download",
  ),
];
