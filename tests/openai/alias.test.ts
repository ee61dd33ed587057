import OpenAI from "openai";
import { expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";

test("moving an alias switches new requests, and lets running ones finish", async () => {
  await using hub = await TestHub.start();
  const openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
  await hub.addTinyModel("m");
  const second = await hub.addTinyModel("other", 2);
  await hub.client.models.importVersion("m", second);
  await hub.client.models.setAlias("m", "live", 1);
  const ask = { model: "m@live", prompt: "abc", temperature: 0 };
  const told = async () => (await openai.completions.create({ ...ask, max_tokens: 4 })).model;
  expect(await told()).toBe("m:1");

  const alone = await openai.completions.create({ ...ask, model: "m:1", max_tokens: 400 });
  const stream = await openai.completions.create({ ...ask, max_tokens: 400, stream: true });
  let text = "";
  let moved = false;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.text ?? "";
    expect(chunk.model).toBe("m:1");
    if (moved || text === "") continue;
    moved = true;
    await hub.client.models.setAlias("m", "live", 2);
    expect(await told()).toBe("m:2");
  }
  expect(moved).toBe(true);
  expect(text).toBe(alone.choices[0]?.text);
});
