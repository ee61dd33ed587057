import { differing, get, noFault, post, send, wrong, type Step } from "./step.ts";

const hook = {
  name: "hook",
  // Nobody listens there, and nothing that would be told happens.
  url: "http://127.0.0.1:9/hook",
  events: [{ entity: "MODEL_VERSION_TAG", action: "SET" }],
};

const steps: readonly Step[] = [
  post("a webhook", "webhooks", { ...hook, description: "tells" }, { keep: { hook: "webhook.webhook_id" } }),
  get("the webhook", "webhooks/<hook>"),
  get("webhooks", "webhooks"),
  get("an unknown webhook", "webhooks/00000000-0000-4000-8000-000000000000"),
  ...wrong("a webhook", "webhooks", {
    "without a name": { ...hook, name: undefined },
    "with an empty name": { ...hook, name: "" },
    "without an address": { ...hook, url: undefined },
    "at a file": { ...hook, url: "file:///etc/passwd" },
    "at no address": { ...hook, url: "nowhere" },
    "of no events": { ...hook, events: [] },
    "of an unknown event": { ...hook, events: [{ entity: "TEAPOT", action: "BOILED" }] },
    "of an action that the entity lacks": {
      ...hook,
      events: [{ entity: "MODEL_VERSION", action: "DELETED" }],
    },
  }),
  send("PATCH", "another description", "webhooks/<hook>", { webhook_id: "<hook>", description: "silent" }),
  send("PATCH", "a disabled webhook", "webhooks/<hook>", { webhook_id: "<hook>", status: "DISABLED" }),
  send("PATCH", "another address that is a file", "webhooks/<hook>", {
    webhook_id: "<hook>",
    url: "file:///etc",
  }),
  send("PATCH", "an unknown webhook changed", "webhooks/00000000-0000-4000-8000-000000000000", {
    webhook_id: "00000000-0000-4000-8000-000000000000",
    description: "x",
  }),
  get("fewer than no webhooks", "webhooks?max_results=-1"),
  get("too many webhooks", "webhooks?max_results=100000"),
  send("DELETE", "a webhook deleted", "webhooks/<hook>", undefined),
  get("the deleted webhook", "webhooks/<hook>"),
  send("DELETE", "a webhook deleted again", "webhooks/<hook>", undefined),
];

/** Webhooks of the registry. */
export const webhooks = differing(steps, { "a webhook: of an unknown event": noFault });
