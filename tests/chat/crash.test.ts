import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChildHub } from "../child-hub.ts";
import { TestHub } from "../test-hub.ts";
import { ask, kept, lastAnswer, Reading, serviceOf, useProvider, userMessage } from "./asking.ts";
import { echo, Provider, type ProviderCall } from "./provider.ts";
import { partsOf, saidIn } from "./sidecar-process.ts";

const patience = { timeout: 60_000, interval: 50 };
let provider: Provider;
let home: string;
beforeEach(async () => {
  provider = await Provider.start();
  home = await mkdtemp(join(tmpdir(), "hearth-crash-"));
});
afterEach(async () => {
  await provider[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

/** Words without end, as fast as they are taken, until the asker goes away. */
function endless(call: ProviderCall): void {
  let piece = 0;
  let open = true;
  void call.left.then(() => (open = false));
  call.begin();
  const more = (): void => {
    if (!open) return;
    call.say(`${piece++} `);
    setImmediate(more);
  };
  more();
}

/** What the client has of a stream that broke off: whole events only. */
function shown(reading: Reading): string {
  return saidIn(reading.text.slice(0, reading.text.lastIndexOf("\n\n") + 2));
}

describe("the hub's end in the middle of an answer", () => {
  it("loses nothing that was shown; the answer can be gone on with, and made anew", async () => {
    {
      await using hub = await ChildHub.start(home);
      const url = hub.client.url;
      await useProvider(url, provider.url);
      const answering = ask(url, "s", "go");
      const call = await provider.next();
      call.begin().chunk({ reasoning_content: "thinking" }).say("the ", "first ", "half");
      const reading = await new Reading(await answering).until("half");
      const pid = (await serviceOf(url)).sidecars[0]?.pid ?? 0;
      await hub.kill();
      await reading.rest();
      expect(shown(reading)).toBe("the first half");
      // The sidecar ends with its hub, and the work behind it with the sidecar.
      expect(await call.left).toBe(true);
      await expect.poll(() => alive(pid), patience).toBe(false);
    }
    await using hub = await ChildHub.start(home);
    const url = hub.client.url;
    await expect.poll(() => lastAnswer(url, "s"), patience).toMatchObject({ status: "interrupted" });
    const first = await lastAnswer(url, "s");
    expect(first.text).toBe("the first half");
    expect(first.message.parts).toContainEqual(
      expect.objectContaining({ type: "reasoning", text: "thinking" }),
    );

    // Gone on with: the same message, with what it had.
    const going = ask(url, "s", "", { messages: [userMessage("go"), first.message] });
    const call = await provider.next();
    expect(call.body.messages.at(-1)).toMatchObject({ role: "assistant", content: "the first half" });
    call.begin().say(" and the second").finish();
    await (await going).text();
    expect(await lastAnswer(url, "s")).toMatchObject({
      text: "the first half and the second",
      status: "complete",
      message: { id: first.message.id },
    });

    // Made anew: another message beside it.
    provider.answer = echo;
    await (await ask(url, "s", "go", { trigger: "regenerate-message" })).text();
    const { messages } = await kept(url, "s");
    const answers = messages.filter(({ role }) => role === "assistant");
    expect(answers.map(({ parent_id, status }) => [parent_id, status])).toEqual([
      ["u-go", "complete"],
      ["u-go", "complete"],
    ]);
  });

  it("at any moment leaves at least what was shown", { timeout: 240_000 }, async () => {
    provider.answer = endless;
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60_000 }), async (bytes) => {
        const session = `s${turn++}`;
        const reading = await (async () => {
          await using hub = await ChildHub.start(home);
          const url = hub.client.url;
          await useProvider(url, provider.url);
          const begun = new Reading(await ask(url, session, "go"));
          await begun.reach(bytes);
          await hub.kill();
          return await begun.rest();
        })();
        await using hub = await ChildHub.start(home);
        const url = hub.client.url;
        await expect.poll(async () => (await lastAnswer(url, session)).status, patience).toBe("interrupted");
        const { text } = await lastAnswer(url, session);
        expect(text.startsWith(shown(reading))).toBe(true);
        // Nothing is in it that was never said.
        const pieces = text.split(" ").length - 1;
        expect(text).toBe(Array.from({ length: pieces }, (_, piece) => `${piece} `).join(""));
      }),
      { numRuns: 5 },
    );
  });
});

describe("the sidecar's end in the middle of an answer", () => {
  it.each(["SIGKILL", "SIGABRT"] as const)(
    "by %s is told, what came is kept, and a retry works",
    async (signal) => {
      await using hub = await TestHub.start();
      await useProvider(hub.url, provider.url);
      provider.answer = endless;
      const reading = await new Reading(await ask(hub.url, "s", "go")).until("text-delta");
      const pid = (await serviceOf(hub.url)).sidecars[0]?.pid ?? 0;
      expect(pid).toBeGreaterThan(1);
      process.kill(pid, signal);
      await reading.rest();
      const words = "The AI service ended in the middle of this answer. What has come is kept; try again.";
      // The stream is whole events to its end, and says what happened.
      expect(partsOf(reading.text).at(-1)).toEqual({ type: "error", errorText: words });
      expect(reading.text).toMatch(/\n\ndata: \[DONE\]\n\n$/);
      const failed = await lastAnswer(hub.url, "s");
      expect(failed).toMatchObject({ status: "failed", error: words, text: shown(reading) });
      provider.answer = echo;
      await expect
        .poll(async () => {
          const again = await ask(hub.url, "s", "go", { trigger: "regenerate-message" });
          return again.status === 200 ? saidIn(await again.text()) : again.status;
        }, patience)
        .toBe("You said: go");
      expect(await lastAnswer(hub.url, "s")).toMatchObject({ status: "complete" });
      const { messages } = await kept(hub.url, "s");
      expect(messages.find(({ id }) => id === failed.message.id)).toMatchObject({ status: "failed" });
    },
  );
});

describe("the client's end in the middle of an answer", () => {
  it("keeps at least what it was shown, as stopped", async () => {
    await using hub = await TestHub.start();
    await useProvider(hub.url, provider.url);
    provider.answer = endless;
    for (const bytes of [1, 3_000, 40_000]) {
      const client = new AbortController();
      const session = `s${bytes}`;
      const reading = new Reading(await ask(hub.url, session, "go", {}, client.signal));
      await reading.reach(bytes);
      client.abort();
      await reading.rest();
      await expect.poll(async () => (await lastAnswer(hub.url, session)).status, patience).toBe("stopped");
      expect((await lastAnswer(hub.url, session)).text.startsWith(shown(reading))).toBe(true);
    }
  });
});

function alive(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
