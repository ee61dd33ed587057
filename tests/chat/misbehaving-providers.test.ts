import { createServer } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestHub } from "../test-hub.ts";
import { ask, lastAnswer, useProvider, userMessage } from "./asking.ts";
import { echo, Provider, type ProviderCall } from "./provider.ts";
import { partsOf, saidIn } from "./sidecar-process.ts";

/** How a provider goes wrong, what came of its answer, and what a person is told. */
const wrongs: Record<string, { answer: (call: ProviderCall) => void; kept: string; told: string | RegExp }> =
  {
    "falls silent in the middle": {
      answer: (call) => void call.begin().say("the first ", "half"),
      kept: "the first half",
      told: "The provider fell silent in the middle of its answer: nothing came for 1 s. What has come is kept; try again.",
    },
    "says that its answer is longer than it is": {
      answer(call) {
        // Straight to the connection: Node would not send what does not fit.
        call.begin({ "content-length": "100000" }).say("a little");
        setImmediate(() => call.response.socket?.end());
      },
      kept: "a little",
      told: /^The connection to the provider broke off in the middle of its answer \(.+\)\. What has come is kept; try again\.$/,
    },
    "closes the connection in the middle": {
      answer(call) {
        call.begin().say("cut ");
        setImmediate(() => call.response.socket?.destroy());
      },
      kept: "cut ",
      told: /^The connection to the provider broke off/,
    },
    "sends JSON that is none": {
      answer: (call) => call.begin().say("before ").raw('data: {"choices": [{"delta"\n\n').finish(),
      kept: "before ",
      told: 'The provider sent something in its answer that is no JSON: {"choices": [{"delta"',
    },
    "sends JSON of another kind": {
      answer: (call) => call.begin().say("before ").raw('data: {"choices": "none"}\n\n').finish(),
      kept: "before ",
      told: 'The provider sent something in its answer that is not of its API: {"choices":"none"}',
    },
    "ends with no word about its end": {
      answer: (call) => call.begin().say("all of it?").response.end(),
      kept: "all of it?",
      told: "Response stream ended without a finish reason.",
    },
    "tells of an error in the middle": {
      answer: (call) =>
        call
          .begin()
          .say("so far ")
          .raw(
            'data: {"error":{"message":"out of memory","type":"server_error","param":null,"code":null}}\n\n',
          )
          .response.end("data: [DONE]\n\n"),
      kept: "so far ",
      told: "out of memory",
    },
    "answers 500 with a page": {
      answer: (call) => call.refuse(500, "text/html", "<html><h1>It broke</h1></html>"),
      kept: "",
      told: "The provider answered 500: Internal Server Error",
    },
    "answers 429": {
      answer: (call) =>
        call.refuse(429, "application/json", '{"error":{"message":"Slow down"}}', { "retry-after": "17" }),
      kept: "",
      told: "The provider answered 429: Slow down. Try again in 17 s.",
    },
  };

describe("a provider that", () => {
  let hub: TestHub;
  let provider: Provider;
  beforeAll(async () => {
    provider = await Provider.start();
    hub = await TestHub.start({ env: { HEARTH_CHAT_STALL_SECONDS: "1", HEARTH_CHAT_RATE_LIMIT: "0" } });
    await useProvider(hub.url, provider.url);
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  it.each(Object.entries(wrongs))("%s", async (name, { answer, kept, told }) => {
    const session = name.replaceAll(" ", "-");
    provider.answer = answer;
    const stream = await (await ask(hub.url, session, "go")).text();
    const errors = partsOf(stream).filter(({ type }) => type === "error");
    const words = typeof told === "string" ? told : (expect.stringMatching(told) as string);
    expect(errors.map(({ errorText }) => errorText)).toEqual([words]);
    expect(stream).toMatch(/data: \[DONE\]\n\n$/);
    expect(saidIn(stream)).toBe(kept);
    // The conversation has what the client has.
    const failed = await lastAnswer(hub.url, session);
    expect(failed).toMatchObject({ text: kept, status: "failed", error: words });

    // Asked again, it answers anew beside the one that failed.
    provider.answer = echo;
    const again = await (await ask(hub.url, session, "go", { trigger: "regenerate-message" })).text();
    expect(saidIn(again)).toBe("You said: go");
    expect(await lastAnswer(hub.url, session)).toMatchObject({ status: "complete", error: null });
    if (kept === "") return;

    // And the one that failed can be gone on with.
    const gone = provider.next();
    provider.answer = null;
    const going = ask(hub.url, session, "", { messages: [userMessage("go"), failed.message] });
    const call = await gone;
    expect(call.body.messages.at(-1)).toMatchObject({ role: "assistant", content: kept });
    call.begin().say("and the rest").finish();
    await (await going).text();
    const { messages } = await hub.client.conversations.get(session);
    expect(messages.find(({ id }) => id === failed.message.id)).toMatchObject({
      status: "complete",
      error: null,
    });
  });

  it("is not there: the address is named, and the next turn works", async () => {
    const closed = createServer();
    await once(closed.listen(0, "127.0.0.1"), "listening");
    const address = closed.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    closed.close();
    await useProvider(hub.url, `http://127.0.0.1:${port}/v1`);
    const stream = await (await ask(hub.url, "nobody", "hello")).text();
    expect(partsOf(stream).find(({ type }) => type === "error")).toMatchObject({
      errorText: expect.stringContaining(`127.0.0.1:${port}`),
    });
    await useProvider(hub.url, provider.url);
    provider.answer = echo;
    expect(saidIn(await (await ask(hub.url, "nobody", "hello again")).text())).toBe("You said: hello again");
  });
});
