import { request } from "node:http";
import { hubError } from "@hearth/wire/hub/common";
import { openaiError } from "@hearth/wire/openai/error";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub[Symbol.asyncDispose]());

interface Answer {
  status: number;
  body: string;
}

/** fetch sets Host and Origin itself; this sends what it is told. */
function send(
  path: string,
  method: string,
  headers: Record<string, string>,
  body = "",
  target = hub,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: target.port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const json = { "content-type": "application/json" };

describe("Host", () => {
  test.each(["evil.example", "evil.example:4747", "127.0.0.1.evil.example", "10.0.0.1", "[::2]:1"])(
    "%s is refused",
    async (host) => {
      const answer = await send("/health", "GET", { host });
      expect(answer.status).toBe(403);
      expect(hubError.parse(JSON.parse(answer.body)).error.code).toBe("forbidden");
    },
  );

  test.each(["localhost", "localhost:1", "127.0.0.1:9", "[::1]:4747", "LOCALHOST"])(
    "%s is ours",
    async (host) => {
      expect((await send("/health/live", "GET", { host })).status).toBe(200);
    },
  );

  test("a name that was allowed", async () => {
    await using other = await TestHub.start({ env: { HEARTH_ALLOWED_HOSTS: "hub.example, second.example" } });
    expect((await send("/health/live", "GET", { host: "hub.example:80" }, "", other)).status).toBe(200);
    expect((await send("/health/live", "GET", { host: "third.example" }, "", other)).status).toBe(403);
  });
});

describe("writes of other origins", () => {
  const write = (headers: Record<string, string>) =>
    send("/models", "POST", { ...json, host: `127.0.0.1:${hub.port}`, ...headers }, "{}");

  test.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
  ])("%o is refused", async (headers) => {
    expect((await write(headers)).status).toBe(403);
  });

  test("its own page and programs are not", async () => {
    expect(
      (await write({ origin: `http://127.0.0.1:${hub.port}`, "sec-fetch-site": "same-origin" })).status,
    ).toBe(400);
    expect((await write({})).status).toBe(400);
  });

  test("OpenAI routes answer in their own dialect", async () => {
    const answer = await send("/v1/completions", "POST", { ...json, origin: "https://evil.example" }, "{}");
    expect(answer.status).toBe(403);
    expect(openaiError.parse(JSON.parse(answer.body)).error.type).toBe("permission_error");
  });

  test("no answer allows other origins to read it", async () => {
    const response = await hub.fetch("/models", { headers: { origin: "https://evil.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    await response.text();
  });
});

describe("the API key", () => {
  const key = "0123456789abcdef-key";

  test("is required everywhere but for liveness and readiness", async () => {
    await using keyed = await TestHub.start({ env: { HEARTH_API_KEY: key } });
    const status = async (path: string, authorization?: string) => {
      const response = await keyed.fetch(
        path,
        authorization === undefined ? {} : { headers: { authorization } },
      );
      await response.text();
      return response.status;
    };
    for (const path of ["/models", "/", "/v1/models", "/metrics", "/health", "/openapi.json", "/nope"]) {
      expect(await status(path)).toBe(401);
      expect(await status(path, `Bearer ${key}x`)).toBe(401);
    }
    expect(await status("/models", `Bearer ${key}`)).toBe(200);
    expect(await status("/", `Basic ${btoa(`anybody:${key}`)}`)).toBe(200);
    expect(await status("/health/live")).toBe(200);
    expect(await status("/health/ready")).toBe(200);
    expect((await keyed.client.models.list()).total).toBe(0);
    const refused = await keyed.fetch("/");
    expect(refused.headers.get("www-authenticate")).toContain("Basic");
    expect(await refused.text()).not.toContain(key);
  });

  test("is required to listen elsewhere than on loopback", async () => {
    await expect(TestHub.start({ env: { HEARTH_HOST: "0.0.0.0" } })).rejects.toThrow(
      /HEARTH_API_KEY is not set/,
    );
  });
});

describe("body limits", () => {
  test("an announced length beyond the limit", async () => {
    const response = await hub.post("/models", JSON.stringify({ name: "x".repeat(11_000_000) }));
    expect(response.status).toBe(413);
    expect(hubError.parse(await response.json()).error).toMatchObject({
      code: "too_large",
      details: { limit: 10_485_760 },
    });
  });

  test("a body that grows beyond the limit without saying so", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent > 12_000_000) return controller.close();
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const response = await hub.fetch("/v1/completions", {
      method: "POST",
      headers: json,
      body,
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect(openaiError.parse(await response.json()).error.code).toBe("too_large");
  });

  test("an upload beyond its limit", async () => {
    const answer = await send("/datasets", "POST", {
      "content-type": "multipart/form-data; boundary=x",
      "content-length": "5000000000",
    }).catch((error: unknown) => error);
    // The refusal may come while the sender is still busy, which then sees its connection closed.
    if (answer instanceof Error) expect(answer.message).toMatch(/ECONNRESET|EPIPE|socket hang up/);
    else expect(answer).toMatchObject({ status: 413 });
  });
});

describe("request ids", () => {
  test("a caller's own is kept, a bad one replaced", async () => {
    const own = await hub.fetch("/health/live", { headers: { "x-request-id": "abc-1" } });
    expect(own.headers.get("x-request-id")).toBe("abc-1");
    await own.text();
    const bad = await hub.fetch("/health/live", { headers: { "x-request-id": 'a b"<' } });
    expect(bad.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    await bad.text();
  });
});
