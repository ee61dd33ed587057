import { expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

test("a request that runs is listed, can be cancelled, and its client is told", async () => {
  await using hub = await TestHub.start();
  await hub.addTinyModel();
  const response = await hub.post("/v1/completions", {
    model: "tiny",
    prompt: "a",
    max_tokens: 100_000,
    stream: true,
    logit_bias: {},
  });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader?.read())?.value);
  const [running] = await hub.client.serving.requests();
  expect(running).toMatchObject({ endpoint: "/v1/completions", model: "tiny:1" });
  await hub.client.serving.cancel(running?.trace_id ?? "");
  for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read())
    text += decoder.decode(chunk.value);
  expect(text).toContain("cancelled by somebody at the hub");
  expect(await hub.client.serving.requests()).toEqual([]);
  expect((await hub.client.traces.get(running?.trace_id ?? "")).status).toBe("cancelled");
  await expect(hub.client.serving.cancel(running?.trace_id ?? "")).rejects.toMatchObject({ status: 404 });
});
