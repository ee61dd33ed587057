import { differing, get, post, type Options, type Step } from "./step.ts";

const id = "7".repeat(32);
const span = {
  traceId: id,
  spanId: "1".repeat(16),
  name: "ask",
  kind: 1,
  startTimeUnixNano: "1748779200000000001",
  endTimeUnixNano: "1748779200250000003",
  attributes: [{ key: "mlflow.spanInputs", value: { stringValue: '{"q": 1}' } }],
  status: { code: 1 },
};
const exported = { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: "s" }, spans: [span] }] }] };

/** Errors have the form of the protocol of OpenTelemetry there, not that of MLflow: only the status counts. */
function to(experiment: string, type: string): Options {
  return { only: [], headers: { "x-mlflow-experiment-id": experiment, "content-type": type } };
}

const steps: readonly Step[] = [
  post("an export without an experiment", "/v1/traces", exported),
  post("an export of an unknown type", "/v1/traces", "spans", to("0", "text/plain")),
  post(
    "a broken export in protobuf",
    "/v1/traces",
    "\u0001\u0002nonsense",
    to("0", "application/x-protobuf"),
  ),
  post("an empty export in protobuf", "/v1/traces", "", to("0", "application/x-protobuf")),
  post("a broken export in JSON", "/v1/traces", "{", to("0", "application/json")),
  post("an export to an unknown experiment", "/v1/traces", exported, to("987654", "application/json")),
  post("an export in JSON", "/v1/traces", exported, to("0", "application/json")),
  get("the exported trace", `/api/3.0/mlflow/traces/tr-${id}`),
  get("the exported trace with its spans", `/api/3.0/mlflow/traces/get?trace_id=tr-${id}`),
];

/** Spans as OpenTelemetry exports them. */
export const otlp = differing(steps, {
  "an export without an experiment": { reason: "a mistake in a header is an invalid argument", status: 400 },
  "an empty export in protobuf": {
    reason: "an exporter that has nothing to tell has done nothing wrong",
    status: 200,
  },
  "an export to an unknown experiment": { reason: "the error has the protocol's form", status: 404 },
});
