import { HearthError, type ErrorCode } from "../../../errors.ts";
import { decodeTraces, encodingOf, maxBodyBytes, type Encoding } from "../../../otlp/otlp.ts";
import { exportResponse, statusResponse, type PartialSuccess } from "../../../otlp/response.ts";
import { errorHeaders, errorStatus } from "../../error-status.ts";
import type { Call, Operation } from "../../operation.ts";
import { readBytes } from "../../read-body.ts";
import type { Services } from "../../services.ts";

/** gRPC's codes, which `google.rpc.Status` carries. */
const grpcCodes: Partial<Record<ErrorCode, number>> = {
  cancelled: 1,
  invalid_request: 3,
  too_large: 3,
  timeout: 4,
  not_found: 5,
  forbidden: 7,
  resource_exhausted: 8,
  unavailable: 14,
  unauthorized: 16,
};

/**
 * OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), as any OpenTelemetry exporter speaks it
 * and MLflow's clients do; the header `x-mlflow-experiment-id` says whose traces they are.
 */
export const exportTraces: Operation = {
  method: "POST",
  path: "/v1/traces",
  mounts: ["/v1/traces"],
  name: "otlpExportTraces",
  summary: "Takes spans in OpenTelemetry's protocol",
  tag: "mlflow",
  dialect: "mlflow",
  query: null,
  body: null,
  upload: false,
  responses: { 200: { description: "ExportTraceServiceResponse, in the encoding of the request" } },
  async run(services, call) {
    const contentType = call.request.headers.get("content-type") ?? "";
    const encoding = encodingOf(contentType);
    try {
      if (encoding === undefined) {
        throw new HearthError(
          "invalid_request",
          `Invalid Content-Type: ${contentType.slice(0, 100)}. Expected: application/x-protobuf or application/json`,
        );
      }
      return exportResponse(encoding, await takeSpans(services, call, encoding));
    } catch (error) {
      if (!(error instanceof HearthError) || error.code === "internal") throw error;
      // Whoever sends neither can at least read JSON.
      return statusResponse(
        encoding ?? "json",
        errorStatus(error.code),
        { code: grpcCodes[error.code] ?? 2, message: error.message },
        errorHeaders(error.code, error.details),
      );
    }
  },
};

async function takeSpans(
  { tracing }: Services,
  { request, signal }: Call,
  encoding: Encoding,
): Promise<PartialSuccess | null> {
  const experimentId = request.headers.get("x-mlflow-experiment-id");
  if (experimentId === null) {
    throw new HearthError(
      "invalid_request",
      "The header x-mlflow-experiment-id is missing; it names the experiment that the traces belong to.",
    );
  }
  const body = await readBytes(request, maxBodyBytes, signal);
  const spans = await decodeTraces(body, encoding, request.headers.get("content-encoding") ?? "", signal);
  if (spans.length === 0) return null;
  const finished = await tracing.logSpans(experimentId, spans);
  const runId = request.headers.get("x-mlflow-run-id");
  if (runId === null || finished.length === 0) return null;
  try {
    for (let start = 0; start < finished.length; start += 100) {
      await tracing.linkToRun(finished.slice(start, start + 100), runId);
    }
    return null;
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== "not_found") throw error;
    // The spans are stored; OTLP's word for a warning is a partial success that rejects none.
    return { rejectedSpans: 0, errorMessage: error.message };
  }
}
