import type { Attributes, Span, Tracer } from "@opentelemetry/api";

/** The end of an answer, in the words of the traces. */
export interface AnswerEnd {
  errorCode: string | null;
  finishReason: string | null;
  inputTokens: number | null;
  cachedTokens: number | null;
  outputTokens: number;
  attributes?: Attributes;
}

export interface AnswerSpan {
  /** The first token came. */
  firstToken(): void;
  end(end: AnswerEnd): void;
}

export interface AnswerSpanStart {
  /** `chat`, `text_completion`, `embeddings`. */
  operation: string;
  /** As it was asked for. */
  requestModel: string;
  /** `name:version`. */
  responseModel: string;
  responseId: string;
  attributes: Attributes;
  traceparent: string | null;
}

export interface AnswerSpans extends AsyncDisposable {
  /** Null where nobody wants spans: then nothing is computed for them. */
  start: ((start: AnswerSpanStart) => AnswerSpan) | null;
}

const flushTimeoutMs = 5_000;
const noSpans: AnswerSpans = { start: null, [Symbol.asyncDispose]: () => Promise.resolve() };

/**
 * Spans of answers by OpenTelemetry's conventions for generative AI, sent to an OTLP/HTTP receiver;
 * none at all, and no code loaded, without an endpoint. A caller's `traceparent` becomes their parent.
 */
export async function openAnswerSpans(endpoint: string | null, version: string): Promise<AnswerSpans> {
  if (endpoint === null) return noSpans;
  const [api, { TracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "hearth", "service.version": version }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000, exportTimeoutMillis: flushTimeoutMs }),
    ],
  });
  const tracer = provider.getTracer("hearth", version);
  const parentOf = (traceparent: string | null) => {
    const parent = parseTraceparent(traceparent);
    return parent === null
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, isRemote: true });
  };
  return {
    start: (start) => begin(tracer, start, parentOf(start.traceparent), api.SpanStatusCode.ERROR),
    [Symbol.asyncDispose]: async () => {
      // A receiver that is gone must not keep the hub from stopping.
      await provider.shutdown().catch(() => undefined);
    },
  };
}

function begin(
  tracer: Tracer,
  start: AnswerSpanStart,
  parent: Parameters<Tracer["startSpan"]>[2],
  errorStatus: 2,
): AnswerSpan {
  /** OpenTelemetry's SpanKind.SERVER. */
  const serverKind = 1;
  const span: Span = tracer.startSpan(
    `${start.operation} ${start.requestModel}`,
    {
      kind: serverKind,
      attributes: {
        "gen_ai.operation.name": start.operation,
        "gen_ai.provider.name": "hearth",
        "gen_ai.request.model": start.requestModel,
        "gen_ai.response.model": start.responseModel,
        "gen_ai.response.id": start.responseId,
        ...start.attributes,
      },
    },
    parent,
  );
  return {
    firstToken: () => void span.addEvent("gen_ai.first_token"),
    end: (end) => {
      const { inputTokens, cachedTokens, outputTokens, finishReason, errorCode } = end;
      if (inputTokens !== null) span.setAttribute("gen_ai.usage.input_tokens", inputTokens);
      if (cachedTokens !== null) span.setAttribute("gen_ai.usage.cache_read.input_tokens", cachedTokens);
      span.setAttribute("gen_ai.usage.output_tokens", outputTokens);
      if (finishReason !== null) span.setAttribute("gen_ai.response.finish_reasons", [finishReason]);
      if (end.attributes !== undefined) span.setAttributes(end.attributes);
      if (errorCode !== null) {
        span.setAttribute("error.type", errorCode);
        span.setStatus({ code: errorStatus, message: errorCode });
      }
      span.end();
    },
  };
}

/** W3C Trace Context, level 1; null for anything else. */
export function parseTraceparent(
  header: string | null,
): { traceId: string; spanId: string; traceFlags: number } | null {
  const match = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header?.trim() ?? "");
  const [, traceId = "", spanId = "", flags = ""] = match ?? [];
  if (!/[^0]/.test(traceId) || !/[^0]/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}
