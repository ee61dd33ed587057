import { randomUUID } from "node:crypto";
import { z } from "zod";
import { HearthError } from "../../errors.ts";
import type { Database, Queries } from "../../storage/database.ts";
import type { WebhookTable } from "../../storage/tables/registry.ts";
import { checkText } from "../names.ts";
import { WebhookDelivery, type DeliveryOptions } from "./delivery.ts";
import { examplePayload, webhookActions, type Announcement, type WebhookEvent } from "./events.ts";
import { sendWebhook } from "./send.ts";
import { checkTarget } from "./target.ts";

export interface Webhook {
  id: string;
  name: string;
  description: string | null;
  url: string;
  events: WebhookEvent[];
  status: WebhookTable["status"];
  /** ms since the epoch */
  createdAt: number;
  updatedAt: number;
}

export interface WebhookChange {
  name?: string | undefined;
  description?: string | undefined;
  url?: string | undefined;
  events?: readonly { entity: string; action: string }[] | undefined;
  secret?: string | undefined;
  status?: WebhookTable["status"] | undefined;
}

export interface WebhookTest {
  success: boolean;
  status: number | null;
  body: string | null;
  error: string | null;
}

/** Who is told of changes in the registry; their secrets never come out again. */
export interface Webhooks extends AsyncDisposable {
  create(webhook: WebhookChange & { name: string; url: string }): Promise<Webhook>;
  get(id: string): Promise<Webhook>;
  /** The newest first. */
  list(page: { maxResults: number; offset: number }): Promise<{ webhooks: Webhook[]; more: boolean }>;
  update(id: string, change: WebhookChange): Promise<Webhook>;
  remove(id: string): Promise<void>;
  /** Sends an example of an event (default: its first), once. */
  test(
    id: string,
    event: { entity: string; action: string } | undefined,
    signal: AbortSignal,
  ): Promise<WebhookTest>;
  /** Tells everybody who wants to know, after the commit of what has happened; nobody waits for it. */
  readonly announce: (announcement: Announcement) => void;
}

export interface WebhooksDependencies extends Omit<DeliveryOptions, "targetsOf"> {
  database: Database;
  /** ms since the epoch */
  now?: () => number;
}

const namePattern = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
const entities = Object.keys(webhookActions);
const storedEvents = z.array(
  z.object({
    entity: z.enum(entities).transform((entity) => entity as WebhookEvent["entity"]),
    action: z.enum(["CREATED", "SET", "DELETED", "EXCEEDED"]),
  }),
);

export function createWebhooks({ database, now = Date.now, ...options }: WebhooksDependencies): Webhooks {
  const delivery = new WebhookDelivery({
    ...options,
    targetsOf: async ({ entity, action }) => {
      const rows = await database.db
        .selectFrom("webhooks")
        .selectAll()
        .where("status", "=", "ACTIVE")
        .orderBy("created_at")
        .execute();
      return rows.filter((row) =>
        present(row).events.some((event) => event.entity === entity && event.action === action),
      );
    },
  });
  return {
    create: async ({ name, url, description, events, secret, status }) => {
      const time = now();
      const row: WebhookTable = {
        id: randomUUID(),
        name: checkName(name),
        url: checkTarget(url) && url,
        description:
          description === undefined || description === "" ? null : checkText("description", description),
        events: JSON.stringify(checkEvents(events ?? [])),
        secret: secret === undefined || secret === "" ? null : checkText("secret", secret),
        status: status ?? "ACTIVE",
        created_at: time,
        updated_at: time,
      };
      await database.write(async (db) => {
        await db.insertInto("webhooks").values(row).execute();
      });
      return present(row);
    },
    get: async (id) => present(await find(database.db, id)),
    list: async ({ maxResults, offset }) => {
      const rows = await database.db
        .selectFrom("webhooks")
        .selectAll()
        .orderBy("created_at", "desc")
        .orderBy("id")
        .limit(maxResults + 1)
        .offset(offset)
        .execute();
      return { webhooks: rows.slice(0, maxResults).map(present), more: rows.length > maxResults };
    },
    update: async (id, { name, description, url, events, secret, status }) => {
      const change: Partial<WebhookTable> = {
        updated_at: now(),
        ...(name === undefined || name === "" ? {} : { name: checkName(name) }),
        ...(url === undefined || url === "" ? {} : { url: checkTarget(url) && url }),
        ...(events === undefined || events.length === 0
          ? {}
          : { events: JSON.stringify(checkEvents(events)) }),
        ...(description === undefined ? {} : { description: checkText("description", description) }),
        ...(secret === undefined ? {} : { secret: checkText("secret", secret) }),
        ...(status === undefined ? {} : { status }),
      };
      return await database.write(async (db) => {
        const row = await find(db, id);
        await db.updateTable("webhooks").set(change).where("id", "=", id).execute();
        return present({ ...row, ...change });
      });
    },
    remove: async (id) => {
      await database.write(async (db) => {
        await find(db, id);
        await db.deleteFrom("webhooks").where("id", "=", id).execute();
      });
    },
    test: async (id, asked, signal) => {
      const row = await find(database.db, id);
      const [event] = asked === undefined ? present(row).events : checkEvents([asked]);
      if (event === undefined) throw noEvents();
      try {
        const { status, body } = await sendWebhook(row, event, examplePayload(event), signal);
        return { success: status < 400, status, body, error: null };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { success: false, status: null, body: null, error: `Failed to test webhook: ${reason}` };
      }
    },
    announce: (announcement) => {
      database.afterCommit(() => delivery.announce(announcement));
    },
    [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
  };
}

async function find(db: Queries, id: string): Promise<WebhookTable> {
  const row = id.includes("\0")
    ? undefined
    : await db.selectFrom("webhooks").selectAll().where("id", "=", id).executeTakeFirst();
  if (row !== undefined) return row;
  throw new HearthError("not_found", `Webhook with ID ${id.slice(0, 300)} not found.`, {
    details: { webhook_id: id.slice(0, 300) },
  });
}

function present(row: WebhookTable): Webhook {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    url: row.url,
    events: storedEvents.parse(JSON.parse(row.events)),
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function checkName(name: string): string {
  if (namePattern.test(name)) return name;
  throw new HearthError(
    "invalid_request",
    `Webhook name '${name.slice(0, 100)}' is invalid. It must start and end with a letter or digit, have at most 63 characters, ` +
      "and contain only letters, digits, dots (.), underscores (_), and hyphens (-).",
    { details: { field: "name" } },
  );
}

function checkEvents(events: readonly { entity: string; action: string }[]): WebhookEvent[] {
  if (events.length === 0) throw noEvents();
  const checked = new Map<string, WebhookEvent>();
  for (const { entity, action } of events) {
    const actions = Object.entries(webhookActions).find(([name]) => name === entity)?.[1] ?? [];
    if (!actions.some((known) => known === action)) {
      throw new HearthError(
        "invalid_request",
        `Invalid action '${action.slice(0, 100)}' for entity '${entity.slice(0, 100)}'. Valid actions are: ${actions.join(", ")}`,
        { details: { field: "events", entity: entity.slice(0, 100), action: action.slice(0, 100) } },
      );
    }
    checked.set(`${entity}.${action}`, storedEvents.element.parse({ entity, action }));
  }
  return [...checked.values()];
}

function noEvents(): HearthError {
  return new HearthError("invalid_request", "Webhook events must be a non-empty list: name at least one.", {
    details: { field: "events" },
  });
}
