import { spacedJson } from "../../lossless-json.ts";
import type { Attributes } from "../../otlp/otlp.ts";
import { attributeNames } from "./names.ts";
import { checkedTag } from "./pairs.ts";

/** Tags that the root span carries for its trace. One that is no valid tag is only an attribute. */
export function tagsOf(attributes: Attributes): [string, string][] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    name.startsWith(attributeNames.traceTag)
      ? validTag(name.slice(attributeNames.traceTag.length), value)
      : [],
  );
}

/** What the resource says of the process; not of its tracing library, and never in MLflow's own names. */
export function resourceTags(resource: Attributes): [string, string][] {
  return Object.entries(resource).flatMap(([name, value]) =>
    name.startsWith("telemetry.sdk.") || name.startsWith("mlflow.") ? [] : validTag(name, value),
  );
}

function validTag(key: string, value: Attributes[string]): [string, string][] {
  try {
    return [checkedTag(key, typeof value === "string" ? value : spacedJson(value))];
  } catch {
    // Attributes may have names that tags may not; the span keeps it.
    return [];
  }
}
