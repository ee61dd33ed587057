/** Names that MLflow's clients give a meaning to. */
export const tagNames = {
  traceName: "mlflow.traceName",
  artifactLocation: "mlflow.artifactLocation",
  spansLocation: "mlflow.trace.spansLocation",
} as const;

/** What the tag `spansLocation` says when the spans are in the database. */
export const inTrackingStore = "TRACKING_STORE";

export const metadataNames = {
  schemaVersion: "mlflow.trace_schema.version",
  sourceRun: "mlflow.sourceRun",
  sizeStats: "mlflow.trace.sizeStats",
  tokenUsage: "mlflow.trace.tokenUsage",
  cost: "mlflow.trace.cost",
  session: "mlflow.trace.session",
  user: "mlflow.trace.user",
  finalized: "mlflow.trace.infoFinalized",
} as const;

export const attributeNames = {
  traceId: "mlflow.traceRequestId",
  inputs: "mlflow.spanInputs",
  outputs: "mlflow.spanOutputs",
  spanType: "mlflow.spanType",
  tokenUsage: "mlflow.chat.tokenUsage",
  cost: "mlflow.llm.cost",
  model: "mlflow.llm.model",
  modelProvider: "mlflow.llm.provider",
  /** Before the name of a tag that the root span carries for its trace. */
  traceTag: "mlflow.traceTag.",
} as const;

const traceIdPrefix = "tr-";

/** The id of a trace from OpenTelemetry's 32 hexadecimal digits. */
export function traceIdOf(otelTraceId: string): string {
  return traceIdPrefix + otelTraceId;
}
