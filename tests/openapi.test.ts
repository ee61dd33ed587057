import { z } from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operations, pathsOf } from "../packages/hub/src/api/routes.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub[Symbol.asyncDispose]());

const operationSchema = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })) })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});
const document = z.object({
  openapi: z.literal("3.1.0"),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});

async function description(): Promise<z.infer<typeof document>> {
  return document.parse(await (await hub.fetch("/openapi.json")).json());
}

test("names are unique", () => {
  const names = operations.map((operation) => operation.name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(operations.map((operation) => [operation.method, operation.path, operation] as const))(
  "%s %s is described and mounted",
  async (method, path, operation) => {
    const described = (await description()).paths[path]?.[method.toLowerCase()];
    expect(described?.operationId).toBe(operation.name);
    const parameters = [...path.matchAll(/\{(\w+)(?:\.{3})?\}/g)].map((match) => match[1]);
    expect(
      described?.parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name),
    ).toEqual(parameters);
    expect(described?.requestBody !== undefined).toBe(
      operation.body !== null || (operation.requestSchema ?? null) !== null,
    );
    if (operation.name === "shutdown") return;
    for (const mounted of pathsOf(operation)) {
      // The body's type is refused by the operation itself: it was reached, and nothing was changed.
      const response = await hub.fetch(mounted.replaceAll(/\{\w+(?:\.{3})?\}/g, "9"), { method });
      const endless = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      const text = endless ? "" : await response.text();
      if (endless) await response.body?.cancel();
      expect(response.status).not.toBe(405);
      expect(text).not.toContain("There is no /");
    }
  },
);

test("a body's schema says what the server accepts", async () => {
  const { paths } = await description();
  const content = paths["/v1/chat/completions"]?.["post"]?.requestBody?.content["application/json"];
  expect(content?.schema).toMatchObject({
    type: "object",
    required: ["model", "messages"],
    additionalProperties: false,
  });
  const upload = paths["/datasets"]?.["post"]?.requestBody?.content["multipart/form-data"];
  expect(upload?.schema).toMatchObject({ required: ["name", "files"] });
});
