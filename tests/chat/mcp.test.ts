import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hearth, startHearth } from "../command-line.ts";
import { TestHub } from "../test-hub.ts";

const launcher = fileURLToPath(new URL("../../packages/hub/bin/hearth.js", import.meta.url));
const changing = ["start_job", "cancel_job", "evaluate_model", "promote_model", "deploy_model"];

let hub: TestHub;

beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel("base");
});
afterAll(() => hub[Symbol.asyncDispose]());

/** Another agent, that has `hearth mcp` among its servers. */
class Agent implements AsyncDisposable {
  readonly client = new Client({ name: "test", version: "1" });
  stderr = "";

  static async start(args: string[], url = hub.url): Promise<Agent> {
    const agent = new Agent();
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [launcher, "mcp", "--url", url, ...args],
      env: { ...getDefaultEnvironment(), NO_COLOR: "1" },
      stderr: "pipe",
    });
    transport.stderr?.on("data", (text: Buffer) => (agent.stderr += text.toString()));
    await agent.client.connect(transport);
    return agent;
  }

  async names(): Promise<string[]> {
    return (await this.client.listTools()).tools.map(({ name }) => name);
  }

  /** What a tool said, and whether that was an error. */
  async call(name: string, input: Record<string, unknown>): Promise<{ text: string; isError: boolean }> {
    const { content, isError = false } = await this.client.callTool({ name, arguments: input });
    return { text: content.map((part) => (part.type === "text" ? part.text : "")).join(""), isError };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

const aliases = async () => (await hub.client.models.get("base")).aliases;

describe("hearth mcp", () => {
  it("offers what looks and nothing that changes, with schemas and hints", async () => {
    await using agent = await Agent.start([]);
    const { tools } = await agent.client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["list_models", "search_runs", "explain_job", "search_traces"]),
    );
    for (const name of changing) expect(names).not.toContain(name);
    for (const { annotations, inputSchema, description } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(description).not.toBe("");
    }
    expect(JSON.parse((await agent.call("list_models", { search: "bas" })).text)).toMatchObject({
      total: 1,
      models: [{ name: "base" }],
    });
    expect((await hub.client.conversations.toolCalls()).items[0]).toMatchObject({
      tool: "list_models",
      origin: "mcp",
      status: "done",
    });
  });

  it("refuses what was not allowed, with what would allow it, and changes nothing", async () => {
    await using agent = await Agent.start(["--allow", "cancel_job"]);
    expect(await agent.names()).toContain("cancel_job");
    expect(await agent.names()).not.toContain("promote_model");
    const refused = await agent.call("promote_model", { model: "base", version: 1, alias: "sneaked" });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining("--allow promote_model") });
    expect(await aliases()).not.toHaveProperty("sneaked");
  });

  it("changes something where that was allowed, and the hub writes it down", async () => {
    await using agent = await Agent.start(["--allow-changes"]);
    const { tools } = await agent.client.listTools();
    for (const name of changing)
      expect(tools.find((tool) => tool.name === name)?.annotations).toMatchObject({
        readOnlyHint: false,
        destructiveHint: true,
      });
    const done = await agent.call("promote_model", { model: "base", version: 1, alias: "by-agent" });
    expect(done.isError).toBe(false);
    expect(await aliases()).toMatchObject({ "by-agent": 1 });
    expect((await hub.client.conversations.toolCalls()).items[0]).toMatchObject({
      tool: "promote_model",
      origin: "mcp",
      changes: true,
      status: "done",
    });
  });

  it("tells errors as the tool's, in words", async () => {
    await using agent = await Agent.start([]);
    expect(await agent.call("get_model", { model: "bsae" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("base"),
    });
    expect(await agent.call("list_models", { limit: "many" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("limit"),
    });
    expect(await agent.call("drop_tables", {})).toMatchObject({
      isError: true,
      text: expect.stringContaining("list_models"),
    });
  });

  it("says that no hub answers, and what to do", async () => {
    await using agent = await Agent.start([], "http://127.0.0.1:9");
    await expect(agent.client.listTools()).rejects.toThrow("hearth serve");
    expect(await agent.call("list_models", {})).toMatchObject({
      isError: true,
      text: expect.stringContaining("No hub answers at http://127.0.0.1:9"),
    });
    expect(agent.stderr).toContain("hearth serve");
  });

  it("writes nothing but the protocol, and ends when its input ends", async () => {
    const child = startHearth(["mcp", "--url", hub.url]);
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const request = (id: number, method: string, params: object): string =>
      `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
    const initialize = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "raw", version: "1" },
    };
    child.stdin?.write(request(1, "initialize", initialize));
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
    child.stdin?.write(request(2, "tools/list", {}));
    await expect.poll(() => stdout.trimEnd().split("\n").length).toBe(2);
    child.stdin?.end();
    expect(await once(child, "close")).toEqual([0, null]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2]);
  });

  it("refuses to allow what there is not", async () => {
    const { code, stdout, stderr } = await hearth([
      "mcp",
      "--url",
      hub.url,
      "--allow",
      "list_models,nothing",
    ]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("nothing");
    expect(stderr).toContain("start_job");
  });
});
