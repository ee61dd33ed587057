/** What can happen to which thing; the pairs that MLflow knows. */
export const webhookActions = {
  REGISTERED_MODEL: ["CREATED"],
  MODEL_VERSION: ["CREATED"],
  MODEL_VERSION_TAG: ["SET", "DELETED"],
  MODEL_VERSION_ALIAS: ["CREATED", "DELETED"],
  PROMPT: ["CREATED"],
  PROMPT_VERSION: ["CREATED"],
  PROMPT_TAG: ["SET", "DELETED"],
  PROMPT_VERSION_TAG: ["SET", "DELETED"],
  PROMPT_ALIAS: ["CREATED", "DELETED"],
  BUDGET_POLICY: ["EXCEEDED"],
} as const satisfies Record<string, readonly string[]>;

export type WebhookEntity = keyof typeof webhookActions;
export type WebhookAction = (typeof webhookActions)[WebhookEntity][number];

export interface WebhookEvent {
  entity: WebhookEntity;
  action: WebhookAction;
}

/** Something that has happened, with what is told of it. */
export interface Announcement extends WebhookEvent {
  payload: Readonly<Record<string, unknown>>;
}

/** What a test of a webhook sends. */
export function examplePayload({ entity, action }: WebhookEvent): Record<string, unknown> {
  const name = entity.startsWith("PROMPT") ? "example_prompt" : "example_model";
  const tags = { example_key: "example_value" };
  const tag = action === "SET" ? { key: "example_key", value: "example_value" } : { key: "example_key" };
  switch (entity) {
    case "REGISTERED_MODEL":
    case "PROMPT":
      return { name, tags, description: "Sent to test a webhook" };
    case "MODEL_VERSION":
      return { name, version: "1", source: "models:/123", run_id: null, tags, description: null };
    case "PROMPT_VERSION":
      return { name, version: "1", template: "Hello {{name}}!", tags, description: null };
    case "PROMPT_TAG":
      return { name, ...tag };
    case "MODEL_VERSION_TAG":
    case "PROMPT_VERSION_TAG":
      return { name, version: "1", ...tag };
    case "MODEL_VERSION_ALIAS":
    case "PROMPT_ALIAS":
      return { name, alias: "example_alias", ...(action === "CREATED" ? { version: "1" } : {}) };
    case "BUDGET_POLICY":
      return { budget_policy_id: "example_policy" };
  }
}
