import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { TestHub } from "../test-hub.ts";
import { ScriptedProvider } from "./scripted-provider.ts";
import { ask, prompt } from "./turns.ts";

describe("the API of conversations", () => {
  let hub: TestHub;
  let provider: ScriptedProvider;
  beforeAll(async () => {
    [hub, provider] = await Promise.all([TestHub.start(), ScriptedProvider.start()]);
    const one = { id: "one", baseURL: provider.url, models: [{ id: "m" }] };
    await writeFile(
      join(hub.home, "chat.config.json"),
      JSON.stringify({ providers: [one], settings: { defaultProviderId: "one" } }),
    );
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await hub.fetch(`/api/chat${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === "" ? null : JSON.parse(text) };
  };
  const refusal = async (...request: Parameters<typeof send>) => {
    const { status, json } = await send(...request);
    return [status, json.error.code, json.error.message];
  };

  it("creates, changes, lists, searches, archives and deletes", async () => {
    const { conversations } = hub.client;
    const made = await conversations.create({ title: "Red apples", tags: ["fruit"], model_id: "m" });
    expect(made).toMatchObject({ title: "Red apples", archived: false, message_count: 0, answering: [] });
    expect(await conversations.get(made.id)).toEqual({ ...made, messages: [] });
    await conversations.putMessages(made.id, [prompt("Where do APPLES grow?"), prompt("And pears?")]);
    const settings = { temperature: 0.5, tools: "read" as const };
    const changed = await conversations.update(made.id, { title: "Green ones", settings, provider_id: null });
    expect(changed).toMatchObject({
      title: "Green ones",
      settings,
      message_count: 2,
      last_message: "And pears?",
    });
    for (let index = 0; index < 4; index++) await conversations.create({ title: `Page ${index}` });
    const pages = await Promise.all(
      [1, 2].map((page) => conversations.list({ page, pageSize: 2, search: "page" })),
    );
    expect(pages.map(({ total, items }) => [total, items.length])).toEqual([
      [4, 2],
      [4, 2],
    ]);
    expect(new Set(pages.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(4);
    const found = async (search: string, archived?: boolean | "all") =>
      (await conversations.list({ search, ...(archived === undefined ? {} : { archived }) })).items.map(
        ({ id }) => id,
      );
    expect(await found("apples grow")).toEqual([made.id]);
    await conversations.update(made.id, { archived: true });
    expect(await found("apples")).toEqual([]);
    expect(await found("apples", true)).toEqual([made.id]);
    expect(await found("apples", "all")).toEqual([made.id]);
    expect(await conversations.storage()).toMatchObject({
      sessions: 5,
      messages: 2,
      bytes: expect.any(Number),
    });
    await conversations.remove(made.id);
    expect((await conversations.storage()).messages).toBe(0);
    expect(await refusal("GET", `/sessions/${made.id}`)).toEqual([
      404,
      "not_found",
      `There is no conversation "${made.id}".`,
    ]);
  });

  it("refuses in words what cannot be", async () => {
    await send("POST", "/sessions", { id: "taken" });
    expect(await refusal("POST", "/sessions", { id: "taken" })).toEqual([
      409,
      "conflict",
      'There is a conversation "taken" already.',
    ]);
    for (const [method, path, body] of [
      ["PATCH", "/sessions/nowhere", { title: "x" }],
      ["DELETE", "/sessions/nowhere", undefined],
      ["PUT", "/sessions/nowhere/messages", { messages: [] }],
      ["GET", "/sessions/nowhere/export?format=markdown", undefined],
      ["POST", "/generate-title", { session_id: "nowhere" }],
      ["GET", "/sessions/%00", undefined],
    ] as const)
      expect((await refusal(method, path, body)).slice(0, 2)).toEqual([404, "not_found"]);
    const put = (message: object) => refusal("PUT", "/sessions/taken/messages", { messages: [message] });
    const user = { id: "a", role: "user" };
    expect(await put({ ...user, role: "root", parts: [] })).toEqual([
      400,
      "invalid_request",
      expect.stringMatching(/^messages\[0\]\.role .*"system"\|"user"\|"assistant"/),
    ]);
    expect((await put({ ...user, parts: [{ type: "script", text: "x" }] }))[2]).toBe(
      "messages[0].parts[0] must be a part whose type is text, reasoning, step-start, file, source-url, source-document, dynamic-tool or tool-NAME.",
    );
    const file = { type: "file", mediaType: "image/png", url: "http://169.254.169.254/" };
    expect((await put({ ...user, parts: [file] }))[2]).toBe(
      "messages[0].parts[0].url a data: URL; files elsewhere are not fetched.",
    );
    expect((await put({ ...user, parts: [{ type: "text" }] }))[2]).toBe(
      "messages[0].parts[0] is wrong: text: expected string, received undefined.",
    );
    expect((await put({ ...user, id: "a\0", parts: [] }))[2]).toContain(
      "messages[0].id must be text without U+0000",
    );
    expect((await refusal("POST", "/sessions", { titel: "x" }))[2]).toContain("titel is not a known field");
    expect((await refusal("POST", "/sessions", { settings: { temperature: 9 } }))[2]).toContain(
      "settings.temperature",
    );
    expect((await refusal("GET", "/sessions?page_size=1000"))[2]).toContain("page_size");
    expect((await refusal("GET", "/sessions/taken/export?format=pdf"))[2]).toContain("format");
    expect((await refusal("POST", "", { messages: "hello" }))[2]).toBe("messages must be an array.");
    expect((await refusal("POST", "/generate-title", { session_id: "taken" }))[2]).toContain("no prompt yet");
    const large = prompt("x".repeat(2 * 2 ** 20));
    expect((await refusal("POST", "", { messages: [large] })).slice(0, 2)).toEqual([413, "too_large"]);
  });

  it("keeps hostile ids, titles and texts as they are, and exports them as files", async () => {
    const id = "../../etc/passwd?x=1#y %2e <b> 😀";
    const title = `"; DROP TABLE chat_sessions; -- <script>alert(1)</script> \r\nSet-Cookie: a=b 🔥`;
    const at = `/sessions/${encodeURIComponent(id)}`;
    expect((await send("POST", "/sessions", { id, title })).json).toMatchObject({ id, title });
    const text = "‮ right to left, \0 nul, \u2028 line, ```\n# not a heading of ours";
    expect((await send("PUT", `${at}/messages`, { messages: [prompt(text, "$&__proto__")] })).status).toBe(
      200,
    );
    expect((await send("GET", at)).json.messages).toMatchObject([{ id: "$&__proto__", parts: [{ text }] }]);
    const response = await hub.fetch(`/api/chat${at}/export?format=markdown`);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w.-]+\.md"$/);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const markdown = await response.text();
    expect(markdown).toContain(text.replace("\0", "\ufffd"));
    expect(markdown).toContain("</script> Set-Cookie: a=b 🔥\n\n## You");
    const exported = JSON.parse(await hub.client.conversations.export(id, "json"));
    await send("POST", "/sessions", { id: "imported" });
    const imported = await send("PUT", "/sessions/imported/messages", { messages: exported.messages });
    expect(imported.json.messages[0].parts).toEqual(exported.messages[0].parts);
    expect((await send("DELETE", at)).status).toBe(204);
  });

  it("takes a megabyte in one message, and ten thousand messages in one conversation", async () => {
    const { conversations } = hub.client;
    await conversations.create({ id: "large" });
    const megabyte = "lorem ".repeat(2 ** 20 / 6);
    const answer = await ask(hub, { id: "large", messages: [prompt(megabyte, "u")] });
    expect(answer.status).toBe(200);
    expect((await conversations.get("large")).messages[0]?.parts[0]).toEqual({
      type: "text",
      text: megabyte,
    });
    await conversations.create({ id: "long" });
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      ...prompt(`message ${index}`, `m${index}`),
      role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    }));
    expect((await conversations.putMessages("long", many)).message_count).toBe(10_000);
    const seen = provider.requests.length;
    const next = await ask(hub, { id: "long", parentId: "m9999", messages: [prompt("one more", "last")] });
    expect(next.status).toBe(200);
    // The model is told all of it, though the client sent only the end.
    expect(provider.requests[seen]?.body["messages"]).toHaveLength(10_001 + 1);
    expect((await conversations.list({ search: "message 9998" })).items.map(({ id }) => id)).toEqual([
      "long",
    ]);
    await Promise.all(["long", "large"].map((id) => conversations.remove(id)));
  });

  it("names a conversation by its model in at most seven words, and by its prompt where that fails", async () => {
    const { conversations } = hub.client;
    await conversations.create({ id: "named", provider_id: "one" });
    await conversations.putMessages("named", [
      prompt("Tell me all about the many fires of the old world, please"),
    ]);
    provider.steps.push({ text: '"The Many Fires of the Old World Explained"\nand more' });
    expect(await conversations.generateTitle("named")).toBe("The Many Fires of the Old World");
    expect((await conversations.get("named")).title).toBe("The Many Fires of the Old World");
    provider.steps.push({ refusal: { status: 500, message: "no" } });
    expect(await conversations.generateTitle("named")).toBe("Tell me all about the many fires");
  });

  it("is shared by two clients at once: one numbering, one live feed, a stop from elsewhere", async () => {
    const { conversations } = hub.client;
    const stop = new AbortController();
    const live = hub.client.live({ signal: stop.signal });
    expect((await live.next()).value).toMatchObject({ type: "ready" });
    await conversations.create({ id: "shared" });
    for await (const change of live) if (change.type === "change" && change.id === "shared") break;
    stop.abort();
    const both = await Promise.all(
      ["left", "right"].map((side) => ask(hub, { id: "shared", messages: [prompt(side)] })),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const { messages } = await conversations.get("shared");
    expect(messages.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    const changes = await Promise.all([
      conversations.update("shared", { title: "By the left" }),
      conversations.update("shared", { tags: ["by the right"] }),
    ]);
    expect(changes).toHaveLength(2);
    expect(await conversations.get("shared")).toMatchObject({ title: "By the left", tags: ["by the right"] });
    // Nothing runs: it is stopped already.
    await conversations.stop("shared");
    await conversations.stop("shared", "no such answer");
  });

  it("is described by /openapi.json", async () => {
    const { paths } = z
      .object({ paths: z.record(z.string(), z.looseObject({})) })
      .parse(await (await hub.fetch("/openapi.json")).json());
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      path.includes("/chat")
        ? Object.keys(methods).map((method) => `${method} ${path.replace(/^\/api/, "")}`)
        : [],
    );
    for (const route of [
      "post /chat",
      "get /chat/sessions",
      "post /chat/sessions",
      "get /chat/sessions/{id}",
      "patch /chat/sessions/{id}",
      "delete /chat/sessions/{id}",
      "put /chat/sessions/{id}/messages",
      "get /chat/sessions/{id}/export",
      "post /chat/sessions/{id}/stop",
      "get /chat/storage",
      "post /chat/generate-title",
      "get /chat/config",
      "put /chat/config",
      "post /chat/config/validate",
    ])
      expect(described).toContain(route);
  });
});
