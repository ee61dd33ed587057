import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel();
});
afterAll(() => hub[Symbol.asyncDispose]());

test("models, answers and engines are shown, and it asks for itself again", async () => {
  const answer = await hub.client.inference.run({ model_id: "tiny", prompt: "abc", max_tokens: 2 });
  const response = await hub.fetch("/");
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const page = await response.text();
  const version = await hub.client.models.resolve("tiny");
  for (const shown of [
    "tiny:1",
    "ready",
    version.sha256?.slice(0, 10) ?? "",
    "/inference",
    `${answer.prompt_tokens} + 2`,
    'http-equiv="refresh"',
    hub.url,
  ]) {
    expect(page).toContain(shown);
  }
});

test("nothing but its own style sheet may load or run", async () => {
  const response = await hub.fetch("/");
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  const style = /<style>([\s\S]*?)<\/style>/.exec(await response.text())?.[1] ?? "";
  expect(style).not.toBe("");
  expect(policy).toContain(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
});
