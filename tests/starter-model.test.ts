import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

/** Resolves when a line of the hub's log holds the words. */
async function untilLogged(log: PassThrough, words: string): Promise<void> {
  let text = "";
  while (!text.includes(words)) text += String((await once(log, "data"))[0]);
}

test(
  "a new hub registers the starter model by itself, once, and it answers",
  { timeout: 60_000 },
  async () => {
    const log = new PassThrough();
    const registered = untilLogged(log, "the starter model is registered");
    const first = await TestHub.start({ env: { HEARTH_BUNDLED_MODELS: "1" }, logStream: log });
    try {
      await registered;
      log.resume();
      const model = await first.client.models.get("ember");
      expect(model).toMatchObject({
        task_type: "chat",
        latest_version: 1,
        tags: { "hearth.bundled": "true" },
      });
      const stream = first.client.chat({
        model: "ember",
        messages: [{ role: "user", content: "Hello!" }],
        maxTokens: 4,
        temperature: 0,
      });
      let said = "";
      for await (const text of stream) said += text;
      expect(said).not.toBe("");
      await first.stop();

      const again = await TestHub.start({ env: { HEARTH_BUNDLED_MODELS: "1" }, home: first.home });
      try {
        expect(await again.client.models.get("ember")).toEqual(model);
      } finally {
        await again.stop();
      }
    } finally {
      await first[Symbol.asyncDispose]();
    }
  },
);
