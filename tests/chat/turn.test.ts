import { streamHeader, turnHeaders } from "@hearth/wire/chat/turn";
import { describe, expect, it } from "vitest";
import { ScriptedModel } from "../browser/scripted-model.ts";
import { TestHub } from "../test-hub.ts";

describe("POST /api/chat", () => {
  it("answers by a provider of the file, keeps both sides, and names what answered", async () => {
    await using model = await ScriptedModel.start();
    await using hub = await TestHub.start();
    const put = await fetch(`${hub.url}/api/chat/config`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        version: "1.0",
        providers: [{ id: "scripted", baseURL: model.url, models: [{ id: "one", default: true }] }],
        settings: { defaultProviderId: "scripted" },
      }),
    });
    expect(put.status).toBe(200);
    model.scripts.set("hello", { text: "Hello to you", reasoning: "a greeting" });
    const answer = await fetch(`${hub.url}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        id: "s1",
        messages: [{ id: "u1", role: "user", parts: [{ type: "text", text: "hello" }] }],
        settings: { tools: "none" },
      }),
    });
    expect([answer.status, await answer.clone().text()]).toEqual([200, expect.stringContaining("[DONE]")]);
    expect(answer.headers.get(streamHeader[0])).toBe(streamHeader[1]);
    expect(answer.headers.get(turnHeaders.provider)).toBe("scripted");
    expect(answer.headers.get(turnHeaders.model)).toBe("one");
    const kept = await (await fetch(`${hub.url}/api/chat/sessions/s1`)).json();
    expect(kept).toMatchObject({
      title: "hello",
      messages: [
        { id: "u1", status: "complete" },
        { status: "complete", metadata: { provider: "scripted", model: "one", output_tokens: 7 } },
      ],
    });
    expect(JSON.stringify(kept)).toContain("Hello to you");
  });
});
