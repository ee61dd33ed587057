import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { signatureOf } from "./send.ts";
import { checkAddress, checkTarget } from "./target.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

const signal = new AbortController().signal;
const created = { entity: "MODEL_VERSION", action: "CREATED" } as const;

interface Arrived {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that answers with the given statuses in turn, and tells what has arrived. */
class Listener implements AsyncDisposable {
  readonly #server: Server;
  readonly arrived: Arrived[] = [];
  readonly #wanted: { count: number; done: () => void }[] = [];

  constructor(statuses: number[]) {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        this.arrived.push({ headers: request.headers, body });
        response
          .writeHead(statuses.shift() ?? 200, { location: "http://127.0.0.1:1/elsewhere" })
          .end("heard");
        for (const { count, done } of this.#wanted) if (this.arrived.length >= count) done();
      });
    });
  }

  async url(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return `http://127.0.0.1:${address.port}/hook`;
  }

  async hears(count: number): Promise<Arrived[]> {
    if (this.arrived.length < count) await new Promise<void>((done) => this.#wanted.push({ count, done }));
    return this.arrived;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

describeEachDatabase("webhooks", (open) => {
  let webhooks: Webhooks;
  let failures: { error: unknown; webhook: string | null }[];
  let failed: Promise<void>;
  beforeEach(() => {
    failures = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    failed = promise;
    webhooks = createWebhooks({
      database: open().database,
      pauses: [1, 1],
      onFailed: (error, { webhook }) => {
        failures.push({ error, webhook });
        resolve();
      },
    });
  });
  afterEach(async () => {
    await webhooks[Symbol.asyncDispose]();
  });

  it("keeps them, without ever showing a secret", async () => {
    const events = [created, created, { entity: "PROMPT_TAG", action: "SET" }];
    const hook = await webhooks.create({ name: "a", url: "https://example.com/x", events, secret: "s" });
    expect(hook).toMatchObject({ name: "a", status: "ACTIVE", description: null });
    expect(hook.events).toEqual([created, { entity: "PROMPT_TAG", action: "SET" }]);
    expect(JSON.stringify(hook)).not.toContain("secret");
    const changed = await webhooks.update(hook.id, { description: "d", status: "DISABLED", events: [] });
    expect(changed).toMatchObject({ description: "d", status: "DISABLED", events: hook.events });
    expect(await webhooks.list({ maxResults: 1, offset: 0 })).toMatchObject({
      webhooks: [{ id: hook.id }],
      more: false,
    });
    await webhooks.remove(hook.id);
    await expect(webhooks.get(hook.id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses names, events and addresses that make no sense", async () => {
    const good = { name: "a", url: "https://example.com/", events: [created] };
    for (const wrong of [
      { name: "-a" },
      { name: "a".repeat(64) },
      { events: [] },
      { events: [{ entity: "MODEL_VERSION", action: "SET" }] },
      { events: [{ entity: "constructor", action: "CREATED" }] },
      { url: "ftp://example.com" },
      { url: "nothing" },
      { url: "https://user:password@example.com/" },
    ])
      await expect(webhooks.create({ ...good, ...wrong })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("tells only who wants to know, signed, and tries again while the other end is busy", async () => {
    await using listener = new Listener([503]);
    const url = await listener.url();
    await webhooks.create({ name: "wants", url, events: [created], secret: "key" });
    await webhooks.create({ name: "other", url, events: [{ entity: "PROMPT", action: "CREATED" }] });
    await webhooks.create({ name: "off", url, events: [created], status: "DISABLED" });
    webhooks.announce({ ...created, payload: { name: "m", version: "1" } });
    const [first, second] = await listener.hears(2);
    expect(JSON.parse(second?.body ?? "")).toMatchObject({
      entity: "model_version",
      action: "created",
      data: { name: "m", version: "1" },
    });
    for (const { headers, body } of [first, second].flatMap((one) => one ?? [])) {
      const id = String(headers["x-mlflow-delivery-id"]);
      const timestamp = String(headers["x-mlflow-timestamp"]);
      expect(headers["x-mlflow-signature"]).toBe(signatureOf("key", id, timestamp, body));
    }
    expect(failures).toEqual([]);
    await webhooks[Symbol.asyncDispose]();
    expect(listener.arrived).toHaveLength(2);
  });

  it("gives up after a few attempts, at once when the other end refuses, and says so", async () => {
    await using listener = new Listener([500, 500, 500]);
    const { id } = await webhooks.create({ name: "w", url: await listener.url(), events: [created] });
    webhooks.announce({ ...created, payload: {} });
    await failed;
    expect(listener.arrived).toHaveLength(3);
    expect(failures).toEqual([{ error: new Error("the webhook answered 500"), webhook: id }]);
  });

  it("can be tested, and follows no redirect", async () => {
    await using listener = new Listener([200, 302]);
    const { id } = await webhooks.create({ name: "w", url: await listener.url(), events: [created] });
    expect(await webhooks.test(id, undefined, signal)).toEqual({
      success: true,
      status: 200,
      body: "heard",
      error: null,
    });
    const event = { entity: "PROMPT_ALIAS", action: "DELETED" };
    expect(await webhooks.test(id, event, signal)).toMatchObject({ success: true, status: 302 });
    expect(JSON.parse(listener.arrived[1]?.body ?? "")).toMatchObject({ entity: "prompt_alias" });
    await webhooks.update(id, { url: "http://127.0.0.1:1/" });
    expect(await webhooks.test(id, undefined, signal)).toMatchObject({ success: false, status: null });
  });
});

describe("where webhooks may go", () => {
  it("is this machine, its networks, and elsewhere by https", () => {
    for (const url of ["http://127.0.0.1:9/", "http://[::1]/", "http://192.168.1.2/", "https://8.8.8.8/"])
      expect(checkTarget(url).href).toBe(url);
    for (const url of [
      "http://8.8.8.8/",
      "http://169.254.169.254/latest/meta-data",
      "https://169.254.169.254/",
      "http://0.0.0.0/",
      "http://2852039166/",
      "http://0xa9fea9fe/",
      "http://[::ffff:169.254.169.254]/",
      "http://[64:ff9b::a9fe:a9fe]/",
      "http://[fe80::1]/",
      "http://[::]/",
    ])
      expect(() => checkTarget(url), url).toThrow("Webhook URL");
    expect(() => {
      checkAddress("::ffff:169.254.169.254", "http:");
    }).toThrow("no server");
  });
});
