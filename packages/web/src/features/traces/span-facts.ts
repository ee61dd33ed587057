import type { TraceSpan } from "@hearth/wire/hub/traces";
import { z } from "zod";

const amounts = z.record(z.string(), z.unknown());

/** Attributes that have a place of their own on the page. */
const shownElsewhere = new Set([
  "mlflow.spanInputs",
  "mlflow.spanOutputs",
  "mlflow.spanType",
  "mlflow.chat.tokenUsage",
  "mlflow.llm.cost",
  "mlflow.llm.model",
  "mlflow.traceRequestId",
]);

/** What of a span's attributes is shown by name. */
export function spanFacts({ attributes }: TraceSpan) {
  const tokens = amountsOf(attributes["mlflow.chat.tokenUsage"]);
  return {
    type: textOf(attributes["mlflow.spanType"]),
    model: textOf(attributes["mlflow.llm.model"]),
    inputs: attributes["mlflow.spanInputs"],
    outputs: attributes["mlflow.spanOutputs"],
    inputTokens: tokens["input_tokens"] ?? null,
    outputTokens: tokens["output_tokens"] ?? null,
    cost: amountsOf(attributes["mlflow.llm.cost"])["total_cost"] ?? null,
    others: Object.entries(attributes).filter(([name]) => !shownElsewhere.has(name)),
  };
}

/** US dollars: cents where they are enough, else the digits that matter. */
export function formatCost(dollars: number): string {
  return `$${dollars >= 1 ? dollars.toFixed(2) : String(Number(dollars.toPrecision(3)))}`;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function amountsOf(value: unknown): Record<string, number> {
  const parsed = amounts.safeParse(typeof value === "string" ? jsonOf(value) : value);
  if (!parsed.success) return {};
  return Object.fromEntries(
    Object.entries(parsed.data).flatMap(([name, amount]) =>
      typeof amount === "number" && Number.isFinite(amount) ? [[name, amount] as const] : [],
    ),
  );
}

/** The value of a text that is a JSON object or list; undefined of any other text. */
export function jsonOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A text that only begins like JSON is a text.
    return undefined;
  }
}
