import type { ResponseObject } from "@hearth/wire/openai/responses/response";
import type { StoredItem } from "@hearth/wire/openai/responses/stored-items";
import { expect, it } from "vitest";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createResponses } from "./responses.ts";

const day = 24 * 3_600_000;

function said(text: string): StoredItem[] {
  const content = [{ type: "input_text" as const, text }];
  return [{ id: `msg_${text}`, type: "message", role: "user", status: "completed", content }];
}

function response(id: string, previous: string | null): ResponseObject {
  return {
    id,
    object: "response",
    created_at: 1,
    completed_at: 2,
    status: "completed",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: { 'a"': "é" },
    model: "m:1",
    output: [
      {
        id: `rs_${id}`,
        type: "reasoning",
        status: "completed",
        summary: [],
        content: [{ type: "reasoning_text", text: "hm" }],
      },
      {
        id: `msg_${id}`,
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: id, annotations: [], logprobs: [] }],
      },
    ],
    parallel_tool_calls: true,
    previous_response_id: previous,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: true,
    temperature: 1,
    text: { format: { type: "text" }, verbosity: "medium" },
    tool_choice: "auto",
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: "disabled",
    usage: null,
    user: null,
  };
}

describeEachDatabase("responses", (open) => {
  it("are read back as they were saved", async () => {
    const responses = createResponses(open().database);
    const stored = { input: said("hello"), response: response("resp_a", null) };
    await responses.save(stored);
    expect(await responses.get("resp_a")).toEqual(stored);
    await responses.remove("resp_a");
    await expect(responses.get("resp_a")).rejects.toMatchObject({ code: "not_found" });
    await expect(responses.remove("resp_a")).rejects.toMatchObject({ code: "not_found" });
  });

  it("make a conversation by what they go on from, the oldest first", async () => {
    const responses = createResponses(open().database);
    await responses.save({ input: said("1"), response: response("resp_a", null) });
    await responses.save({ input: said("2"), response: response("resp_b", "resp_a") });
    await responses.save({ input: said("2b"), response: response("resp_c", "resp_a") });
    await responses.save({ input: said("3"), response: response("resp_d", "resp_b") });
    const ids = (await responses.conversation("resp_d")).map((one) => one.response.id);
    expect(ids).toEqual(["resp_a", "resp_b", "resp_d"]);
    await responses.remove("resp_b");
    await expect(responses.conversation("resp_d")).rejects.toMatchObject({ code: "not_found" });
    expect(await responses.conversation("resp_c")).toHaveLength(2);
  });

  it("end after 1,000, even where they go round in a circle", async () => {
    const responses = createResponses(open().database);
    await responses.save({ input: said("1"), response: response("resp_a", "resp_b") });
    await responses.save({ input: said("2"), response: response("resp_b", "resp_a") });
    await expect(responses.conversation("resp_a")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("are gone after 30 days", async () => {
    let time = 1;
    const { database } = open();
    const responses = createResponses(database, () => time);
    await responses.save({ input: said("1"), response: response("resp_a", null) });
    time += 30 * day;
    await expect(responses.get("resp_a")).rejects.toMatchObject({ code: "not_found" });
    await responses.save({ input: said("2"), response: response("resp_b", null) });
    const rows = await database.db.selectFrom("responses").select("id").execute();
    expect(rows).toEqual([{ id: "resp_b" }]);
  });
});
