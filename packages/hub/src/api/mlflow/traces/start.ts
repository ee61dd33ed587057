import { mlflowOperation } from "../operation.ts";
import { message } from "../fields.ts";
import { presentInfo } from "./present.ts";
import { toStartTrace, traceInfo } from "./requests.ts";

const bodyLimit = 32 * 2 ** 20;

/** What a client says of a whole trace; its spans come through OTLP, before or after. */
export const startTrace = mlflowOperation({
  method: "POST",
  path: "/mlflow/traces",
  versions: ["3.0"],
  name: "mlflowStartTrace",
  summary: "Stores the record of a trace",
  bodyLimit,
  request: { trace: message({ trace_info: traceInfo.required() }).required() },
  handle: async ({ services, input }) => {
    const info = await services.tracing.startTrace(toStartTrace(input.trace.trace_info));
    return { trace: { trace_info: presentInfo(info) } };
  },
});
