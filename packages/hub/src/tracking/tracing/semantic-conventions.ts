import { isRawNumber, parseLossless } from "../../lossless-json.ts";
import { emptyAttributes, type Attributes, type AttributeValue } from "../../otlp/otlp.ts";
import { attributeNames } from "./names.ts";
import { storableValue } from "./storable.ts";

/** Where one convention for spans of language models keeps what MLflow shows. The first name that is set counts. */
interface Convention {
  kind: string;
  types: Readonly<Record<string, string>>;
  inputs: readonly string[];
  outputs: readonly string[];
  model: readonly string[];
  provider: readonly string[];
  inputTokens: readonly string[];
  outputTokens: readonly string[];
  totalTokens: readonly string[];
  cacheReadTokens: readonly string[];
  cacheCreationTokens: readonly string[];
}

/** https://opentelemetry.io/docs/specs/semconv/gen-ai/ ; the older names after the ones of today. */
const genAi: Convention = {
  kind: "gen_ai.operation.name",
  types: {
    chat: "CHAT_MODEL",
    text_completion: "LLM",
    generate_content: "LLM",
    response: "LLM",
    embeddings: "EMBEDDING",
    execute_tool: "TOOL",
    create_agent: "AGENT",
    invoke_agent: "AGENT",
  },
  inputs: ["gen_ai.input.messages", "gen_ai.tool.call.arguments", "gen_ai.prompt"],
  outputs: ["gen_ai.output.messages", "gen_ai.tool.call.result", "gen_ai.completion"],
  model: ["gen_ai.response.model", "gen_ai.request.model"],
  provider: ["gen_ai.provider.name", "gen_ai.system"],
  inputTokens: ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"],
  outputTokens: ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"],
  totalTokens: ["llm.usage.total_tokens"],
  cacheReadTokens: ["gen_ai.usage.cache_read.input_tokens"],
  cacheCreationTokens: ["gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"],
};

/** https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md */
const openInference: Convention = {
  kind: "openinference.span.kind",
  types: {
    LLM: "LLM",
    CHAIN: "CHAIN",
    AGENT: "AGENT",
    TOOL: "TOOL",
    RETRIEVER: "RETRIEVER",
    EMBEDDING: "EMBEDDING",
    RERANKER: "RERANKER",
    GUARDRAIL: "GUARDRAIL",
    EVALUATOR: "EVALUATOR",
  },
  inputs: ["input.value"],
  outputs: ["output.value"],
  model: ["llm.model_name", "embedding.model_name"],
  provider: ["llm.provider", "llm.system"],
  inputTokens: ["llm.token_count.prompt"],
  outputTokens: ["llm.token_count.completion"],
  totalTokens: ["llm.token_count.total"],
  cacheReadTokens: ["llm.token_count.prompt_details.cache_read"],
  cacheCreationTokens: ["llm.token_count.prompt_details.cache_write"],
};

/** https://www.traceloop.com/docs/openllmetry : its kinds and values beside GenAI's names. */
const traceloop: Convention = {
  ...genAi,
  kind: "traceloop.span.kind",
  types: { workflow: "WORKFLOW", task: "TASK", agent: "AGENT", tool: "TOOL" },
  inputs: ["traceloop.entity.input"],
  outputs: ["traceloop.entity.output"],
};

const conventions: readonly Convention[] = [genAi, openInference, traceloop];

/**
 * The attributes of a span, those that are JSON in a text read, together with those that MLflow reads (type, inputs, outputs, model, tokens), taken
 * from the conventions that other tracers follow. What the span says in MLflow's own names stays.
 */
export function withMlflowAttributes(given: Attributes): Attributes {
  const attributes = emptyAttributes();
  for (const [name, value] of Object.entries(given)) attributes[name] = unwrapped(value);
  const found: Attributes = Object.assign(emptyAttributes(), attributes);
  const add = (name: string, value: AttributeValue | undefined): void => {
    if (value !== undefined && !Object.hasOwn(found, name)) found[name] = value;
  };
  add(
    attributeNames.inputs,
    firstOf(({ inputs }) => valueOf(attributes, inputs)),
  );
  add(
    attributeNames.outputs,
    firstOf(({ outputs }) => valueOf(attributes, outputs)),
  );
  add(
    attributeNames.model,
    firstOf(({ model }) => textOf(valueOf(attributes, model))) ??
      modelOf(found[attributeNames.inputs]) ??
      modelOf(found[attributeNames.outputs]),
  );
  add(
    attributeNames.modelProvider,
    firstOf(({ provider }) => textOf(valueOf(attributes, provider))),
  );
  add(
    attributeNames.tokenUsage,
    firstOf((convention) => usageOf(convention, attributes)),
  );
  const type = found[attributeNames.spanType];
  if (type === undefined || type === null || type === "UNKNOWN") {
    const known = firstOf((convention) => typeOf(convention, attributes));
    // Who names a model has called it.
    const inferred =
      known ?? (firstOf(({ model }) => textOf(valueOf(attributes, model))) === undefined ? null : "LLM");
    if (inferred !== null) found[attributeNames.spanType] = inferred;
  }
  return found;
}

function firstOf<T>(look: (convention: Convention) => T | undefined): T | undefined {
  for (const convention of conventions) {
    const value = look(convention);
    if (value !== undefined) return value;
  }
  return undefined;
}

function valueOf(attributes: Attributes, names: readonly string[]): AttributeValue | undefined {
  for (const name of names) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return undefined;
}

function typeOf({ kind, types }: Convention, attributes: Attributes): string | undefined {
  const value = valueOf(attributes, [kind]);
  return typeof value === "string" && Object.hasOwn(types, value) ? types[value] : undefined;
}

function usageOf(convention: Convention, attributes: Attributes): Attributes | undefined {
  const input = countOf(valueOf(attributes, convention.inputTokens));
  const output = countOf(valueOf(attributes, convention.outputTokens));
  const both = input === undefined || output === undefined ? undefined : input + output;
  const total = countOf(valueOf(attributes, convention.totalTokens)) ?? both;
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const counts = {
    input_tokens: input,
    output_tokens: output,
    total_tokens: total,
    cache_read_input_tokens: countOf(valueOf(attributes, convention.cacheReadTokens)),
    cache_creation_input_tokens: countOf(valueOf(attributes, convention.cacheCreationTokens)),
  };
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [[name, count]])),
  );
}

function countOf(value: AttributeValue | undefined): number | undefined {
  const number =
    typeof value === "string" && /^\d{1,15}$/.test(value)
      ? Number(value)
      : isRawNumber(value)
        ? Number(value.rawJSON)
        : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Values that are no attribute of OpenTelemetry travel as JSON in a text; MLflow's own exporter writes all so. */
function unwrapped(value: AttributeValue): AttributeValue {
  if (typeof value !== "string" || !/^\s*[[{"]/.test(value)) return value;
  try {
    return storableValue(parseLossless(value)) as AttributeValue;
  } catch {
    // A text that only looks like JSON, or is too deep, is what it is.
    return value;
  }
}

function modelOf(value: AttributeValue | undefined): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isRawNumber(value))
    return undefined;
  const model = Object.hasOwn(value, "model") ? value["model"] : undefined;
  return typeof model === "string" ? model : undefined;
}
