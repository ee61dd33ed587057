import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { hearth } from "../command-line.ts";
import { TestHub } from "../test-hub.ts";
import { Talk } from "./talk.ts";

const launcher = fileURLToPath(new URL("../../packages/hub/bin/hearth.js", import.meta.url));
const promote = (alias: string) => ({
  calls: [{ name: "promote_model", input: { model: "base", version: 1, alias } }],
});

let talk: Talk;
beforeAll(async () => {
  talk = await Talk.start();
  await talk.hub.addTinyModel("base");
});
afterAll(() => talk[Symbol.asyncDispose]());

const aliases = async () => (await talk.hub.client.models.get("base")).aliases;
const chat = (args: string[], input: string, url = talk.hub.url) =>
  hearth(["chat", ...args, "--url", url], { input });
const document = z.object({
  conversation: z.string(),
  title: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});

describe("hearth chat over a pipe", () => {
  it("answers one line and ends; the hub keeps both", async () => {
    talk.agent.follow({ reasoning: "they greet", text: "Good morning." });
    const said = await chat(["scripted/agent"], "hi\n");
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining("Good morning.\n") });
    expect(said.stderr).toContain("7 tokens");
    expect(said.stderr).toContain("by scripted/agent");
    const [kept] = (await talk.hub.client.conversations.list({ pageSize: 1 })).items;
    expect(kept).toMatchObject({ title: "hi", message_count: 2 });
  });

  it("takes several lines as turns of one conversation, and prints one document", async () => {
    talk.agent.follow({ text: "first" }, { text: "second" });
    const { code, json, stderr } = await chat(["scripted/agent", "--json"], "one\n\ntwo\n/bye\nthree\n");
    expect(code).toBe(0);
    expect(document.parse(json).messages).toEqual([
      { role: "user", content: "one" },
      { role: "assistant", content: "first" },
      { role: "user", content: "two" },
      { role: "assistant", content: "second" },
    ]);
    expect(stderr).toContain("second");
    expect(talk.agent.requests.at(-1)?.messages.map(({ content }) => content)).toEqual(
      expect.arrayContaining(["one", "first", "two"]),
    );
  });

  it("goes on with an earlier conversation", async () => {
    talk.agent.next = () => ({ text: "yes" });
    const { json } = await chat(["scripted/agent", "--json", "--tools", "none"], "remember me\n");
    const { conversation } = document.parse(json);
    for (const which of [[], [conversation]]) {
      const more = await chat(["--json", "--continue", ...which], "and now?\n");
      expect(document.parse(more.json).conversation).toBe(conversation);
      expect(talk.agent.requests.at(-1)?.messages[0]).toMatchObject({ content: "remember me" });
      // Settings stay with the conversation.
      expect(talk.agent.requests.at(-1)?.tools).toEqual([]);
    }
    expect((await chat(["--continue", "nothing-like-it"], "x\n")).code).toBe(4);
  });

  it("does what lines with a slash say", async () => {
    talk.agent.next = () => ({ text: "fine" });
    const file = join(talk.hub.home, "saved");
    const lines = [
      "/system Be brief.",
      "/tools read",
      "hello",
      "/title Something short",
      `/save ${file}.md`,
      `/save ${file}.json`,
      "/system",
      "/tools none",
      "/new",
      "hello again",
    ];
    const { code, json, stderr } = await chat(["scripted/agent", "--json"], `${lines.join("\n")}\n`);
    expect([code, stderr]).toEqual([0, expect.stringContaining('called "Something short"')]);
    const [first, second] = talk.agent.requests.slice(-2);
    expect(first?.messages[0]?.content).toContain("Be brief.");
    expect(first?.tools.map(({ function: { name } }) => name)).toContain("list_models");
    expect(first?.tools.map(({ function: { name } }) => name)).not.toContain("start_job");
    expect(second?.messages.map(({ content }) => content)).toEqual(["hello again"]);
    expect(second?.tools).toEqual([]);
    expect(await readFile(`${file}.md`, "utf8")).toContain("# Something short");
    expect(JSON.parse(await readFile(`${file}.json`, "utf8"))).toMatchObject({ title: "Something short" });
    expect(document.parse(json).title).toBe("hello again");
    const again = await chat(["scripted/agent"], `hello\n/save ${file}.md\n`);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("EEXIST")]);
    for (const [line, word] of [
      ["/dance", "/help"],
      ["/tools some", "none, read or all"],
      ["/save", ".md or .json"],
      ["/title", "nothing has been said"],
    ])
      expect(await chat([], `${line}\n`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(word ?? ""),
      });
  });

  it("changes the model on the way", async () => {
    talk.agent.next = () => ({ text: "from the agent" });
    const { json } = await chat(["scripted/agent", "--json"], "one\n/model base\n/tools none\ntwo\n");
    const { messages } = await talk.hub.client.conversations.get(document.parse(json).conversation);
    expect(messages.map(({ metadata }) => metadata)).toMatchObject([
      undefined,
      { provider: "scripted" },
      undefined,
      { provider: "hearth", model: "base" },
    ]);
  });

  it("refuses a change, as nobody can be asked, and tells the model so", async () => {
    talk.agent.follow(promote("piped"), { text: "Then not." });
    const { code, stdout, stderr } = await chat(["scripted/agent"], "promote it\n");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Then not.")]);
    expect(stderr).toContain("--allow-changes");
    expect(JSON.stringify(talk.agent.requests.at(-1)?.messages.at(-1))).toContain("no terminal");
    expect(await aliases()).not.toHaveProperty("piped");
  });

  it("makes the change where that was allowed beforehand", async () => {
    talk.agent.follow(promote("allowed"), { text: "Done." });
    const { code, stderr } = await chat(["scripted/agent", "--allow-changes"], "promote it\n");
    expect([code, stderr]).toEqual([0, expect.stringContaining('"alias": "allowed"')]);
    expect(await aliases()).toMatchObject({ allowed: 1 });
  });

  it("prints nothing that drives the terminal", async () => {
    talk.agent.follow({ text: "\u001b]0;owned\u0007\u202egnp" });
    const { stdout } = await chat(["scripted/agent"], "hi\n");
    expect(stdout).toContain("owned");
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]/);
  });

  it("tells what went wrong, and what to do", async () => {
    expect(await chat(["bsae"], "hi\n")).toMatchObject({ code: 4, stderr: expect.stringContaining("base") });
    talk.agent.next = () => ({ refusal: { status: 401, message: "the key is wrong" } });
    expect(await chat(["scripted/agent"], "hi\n")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the key is wrong"),
    });
    await using off = await TestHub.start({ env: { HEARTH_CHAT: "off" } });
    const unavailable = await chat([], "hi\n", off.url);
    expect([unavailable.code, unavailable.stderr]).toEqual([1, expect.stringContaining("HEARTH_CHAT")]);
    await using busy = await TestHub.start({
      env: { HEARTH_CHAT_RATE_LIMIT: "1", HEARTH_CHAT_LIMIT_HUB: "1" },
    });
    await busy.addTinyModel("base");
    const limited = await chat(["base", "--json"], "hi\nagain\n", busy.url);
    expect(limited).toMatchObject({ code: 1, json: { error: { code: "rate_limited" } } });
    expect(limited.stderr).toMatch(/Try again in \d+ s/);
  });
});

/** `hearth chat` at a terminal of its own. */
class Terminal implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  seen = "";

  constructor(...args: string[]) {
    const words = [process.execPath, launcher, "chat", ...args, "--url", talk.hub.url];
    this.#child = spawn("script", ["-qfec", words.map((word) => `'${word}'`).join(" "), "/dev/null"], {
      env: { ...process.env, NO_COLOR: "1", TERM: "dumb", SHELL: "/bin/sh" },
    });
    this.ended = once(this.#child, "close");
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.seen += text));
  }

  /** Waits for words that come from now on. */
  async until(words: string): Promise<void> {
    await expect.poll(() => this.seen).toContain(words);
    this.seen = this.seen.slice(this.seen.indexOf(words) + words.length);
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.ended;
  }
}

const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") ?? false;

describe.runIf(hasScript)("hearth chat at a terminal", () => {
  it("asks before a change, with its exact input; only a yes is one", async () => {
    await using terminal = new Terminal("scripted/agent");
    await terminal.until("›");
    for (const [alias, key] of [
      ["refused", "n"],
      ["unsaid", ""],
      ["agreed", "y"],
    ]) {
      talk.agent.follow(promote(alias ?? ""), { text: `over ${alias}` });
      terminal.type("promote it\r");
      await terminal.until(`"alias": "${alias}"`);
      await terminal.until("[y/N]");
      expect(await aliases()).not.toHaveProperty(alias ?? "");
      terminal.type(`${key}\r`);
      await terminal.until(`over ${alias}`);
      await terminal.until("›");
    }
    expect(await aliases()).toMatchObject({ agreed: 1 });
    expect(await aliases()).not.toHaveProperty("refused");
    expect(await aliases()).not.toHaveProperty("unsaid");
    terminal.type("/bye\r");
    expect(await terminal.ended).toEqual([0, null]);
  });

  it("stops an answer at the first Ctrl-C, down to the provider, and ends at the next", async () => {
    await using terminal = new Terminal("scripted/agent");
    await terminal.until("›");
    const { left } = talk.agent;
    talk.agent.follow({ text: "It goes on and on", hold: true }, { text: "Here I am." });
    terminal.type("talk\r");
    await terminal.until("on and on");
    terminal.type("\u0003");
    await terminal.until("(stopped)");
    await expect.poll(() => talk.agent.left).toBe(left + 1);
    await terminal.until("›");
    terminal.type("still there?\r");
    await terminal.until("Here I am.");
    expect(JSON.stringify(talk.agent.requests.at(-1)?.messages)).toContain("on and on");
    await terminal.until("›");
    terminal.type("\u0003");
    expect(await terminal.ended).toEqual([0, null]);
  });

  it("tells what went wrong and goes on", async () => {
    talk.agent.follow({ refusal: { status: 500, message: "a bad day" } }, { text: "better" });
    await using terminal = new Terminal("scripted/agent");
    await terminal.until("›");
    terminal.type("hello\r");
    await terminal.until("a bad day");
    await terminal.until("›");
    terminal.type("hello?\r");
    await terminal.until("better");
  });
});
