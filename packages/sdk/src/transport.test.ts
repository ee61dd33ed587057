import { z } from "zod";
import { expect, test } from "vitest";
import { HearthApiError, HubUnreachable, UnexpectedAnswer } from "./errors.ts";
import { Transport } from "./transport.ts";

interface Seen {
  url: string;
  init: RequestInit;
}

/** A transport whose network is a list of answers; an Error stands for a connection that fails. */
function transport(...answers: (Response | Error)[]): { transport: Transport; seen: Seen[] } {
  const seen: Seen[] = [];
  const fetch: typeof globalThis.fetch = (url, init) => {
    seen.push({ url: typeof url === "string" ? url : "not a string", init: init ?? {} });
    const answer = answers.shift() ?? new Error("no more answers");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { transport: new Transport({ url: "http://hub/", apiKey: "key", fetch }), seen };
}

const refused = new TypeError("fetch failed", {
  cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
});
const anything = z.unknown();

test("a read is tried again when nothing answers, a write is not", async () => {
  const read = transport(refused, Response.json(1));
  expect(await read.transport.json(anything, "GET", "/x")).toBe(1);
  expect(read.seen).toHaveLength(2);
  const write = transport(refused, Response.json(1));
  await expect(write.transport.json(anything, "POST", "/x", { body: {} })).rejects.toThrow(HubUnreachable);
  expect(write.seen).toHaveLength(1);
});

test("an unreachable hub says where it looked and why", async () => {
  const { transport: unreachable } = transport(refused, refused, refused);
  await expect(unreachable.json(anything, "GET", "/x")).rejects.toThrow(
    /No hub answers at http:\/\/hub \(ECONNREFUSED\)/,
  );
});

test("an answer of the hub is never asked for twice", async () => {
  const error = { error: { code: "unavailable", message: "busy", details: { waiting: 3 } } };
  const { transport: busy, seen } = transport(
    Response.json(error, { status: 503, headers: { "x-request-id": "r1", "retry-after": "7" } }),
  );
  const thrown = await busy.json(anything, "GET", "/x").catch((caught: unknown) => caught);
  expect(thrown).toBeInstanceOf(HearthApiError);
  expect(thrown).toMatchObject({
    code: "unavailable",
    status: 503,
    message: "busy",
    details: { waiting: 3 },
    requestId: "r1",
    retryAfterMs: 7_000,
  });
  expect(seen).toHaveLength(1);
});

test("errors of the OpenAI routes become the same error", async () => {
  const error = {
    error: { message: "no", type: "invalid_request_error", param: "n", code: "invalid_request" },
  };
  const { transport: hub } = transport(Response.json(error, { status: 400 }));
  await expect(hub.json(anything, "POST", "/v1/x")).rejects.toMatchObject({
    code: "invalid_request",
    details: { field: "n" },
  });
});

test("something that is no hub", async () => {
  const page = () => new Response("<html>", { headers: { "content-type": "text/html" } });
  await expect(transport(page()).transport.json(anything, "GET", "/x")).rejects.toThrow(UnexpectedAnswer);
  await expect(
    transport(Response.json({ b: 1 })).transport.json(z.object({ a: z.string() }), "GET", "/x"),
  ).rejects.toThrow(/another shape \(a\)/);
  await expect(transport(page()).transport.events("GET", "/x").next()).rejects.toThrow(/no event stream/);
});

test("key, query and body as the hub reads them", async () => {
  const { transport: hub, seen } = transport(Response.json(1));
  await hub.json(anything, "POST", "/x", { query: { page: 2, status: undefined }, body: { a: 1 } });
  expect(seen[0]?.url).toBe("http://hub/x?page=2");
  expect(seen[0]?.init).toMatchObject({
    method: "POST",
    body: '{"a":1}',
    headers: { authorization: "Bearer key", "content-type": "application/json" },
  });
});

test("an aborted call ends with the reason of its signal, and no retry", async () => {
  const reason = new Error("enough");
  const { transport: hub, seen } = transport(refused, refused);
  await expect(hub.json(anything, "GET", "/x", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(seen.length).toBeLessThanOrEqual(1);
});
