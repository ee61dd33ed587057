import type { Webhook } from "../../../registry/webhooks/webhooks.ts";
import type { Operation } from "../../operation.ts";
import { required } from "../../required.ts";
import { compact } from "../compact.ts";
import { enumOf, int32, list, message, text } from "../fields.ts";
import { checkMaxResults } from "../max-results.ts";
import { mlflowOperation } from "../operation.ts";
import { offsetOf, pageToken } from "../page-token.ts";

const mostResults = 1000;
const event = message({ entity: text().required(), action: text().required() });
const status = enumOf(["ACTIVE", "DISABLED"]);

const createWebhook = mlflowOperation({
  method: "POST",
  path: "/mlflow/webhooks",
  name: "mlflowCreateWebhook",
  summary: "Have changes of the registry sent to a URL",
  request: {
    name: text().required(),
    url: text().required(),
    events: list(event.required()),
    description: text(),
    secret: text(),
    status,
  },
  handle: async ({ services, input }) => ({ webhook: present(await services.webhooks.create(input)) }),
});

const listWebhooks = mlflowOperation({
  method: "GET",
  path: "/mlflow/webhooks",
  name: "mlflowListWebhooks",
  summary: "Webhooks, the newest first",
  request: { max_results: int32().or(0), page_token: text() },
  handle: async ({ services, input }) => {
    const maxResults = checkMaxResults(input.max_results === 0 ? 100 : input.max_results, mostResults);
    const offset = offsetOf(input.page_token);
    const { webhooks, more } = await services.webhooks.list({ maxResults, offset });
    return compact({
      webhooks: webhooks.map(present),
      next_page_token: more ? pageToken(offset + maxResults) : undefined,
    });
  },
});

const getWebhook = mlflowOperation({
  method: "GET",
  path: "/mlflow/webhooks/{webhook_id}",
  name: "mlflowGetWebhook",
  summary: "A webhook",
  handle: async ({ services, params }) => ({
    webhook: present(await services.webhooks.get(required(params, "webhook_id"))),
  }),
});

const updateWebhook = mlflowOperation({
  method: "PATCH",
  path: "/mlflow/webhooks/{webhook_id}",
  name: "mlflowUpdateWebhook",
  summary: "Change a webhook",
  request: {
    name: text(),
    url: text(),
    events: list(event.required()),
    description: text(),
    secret: text(),
    status,
  },
  handle: async ({ services, params, input }) => ({
    webhook: present(await services.webhooks.update(required(params, "webhook_id"), input)),
  }),
});

const deleteWebhook = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/webhooks/{webhook_id}",
  name: "mlflowDeleteWebhook",
  summary: "Delete a webhook",
  handle: async ({ services, params }) => {
    await services.webhooks.remove(required(params, "webhook_id"));
    return undefined;
  },
});

const testWebhook = mlflowOperation({
  method: "POST",
  path: "/mlflow/webhooks/{webhook_id}/test",
  name: "mlflowTestWebhook",
  summary: "Send an example to a webhook",
  request: { event },
  handle: async ({ services, params, input, signal }) => {
    const result = await services.webhooks.test(required(params, "webhook_id"), input.event, signal);
    return {
      result: compact({
        success: result.success,
        response_status: result.status,
        response_body: result.body,
        error_message: result.error,
      }),
    };
  },
});

function present(webhook: Webhook): object {
  return compact({
    webhook_id: webhook.id,
    name: webhook.name,
    description: webhook.description === "" ? undefined : webhook.description,
    url: webhook.url,
    events: webhook.events,
    status: webhook.status,
    creation_timestamp: webhook.createdAt,
    last_updated_timestamp: webhook.updatedAt,
  });
}

export const webhookOperations: readonly Operation[] = [
  createWebhook,
  listWebhooks,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  testWebhook,
];
