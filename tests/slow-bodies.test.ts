import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openaiError } from "@hearth/wire/openai/error";
import { mlflowError } from "@hearth/wire/mlflow/error";
import { hubError } from "@hearth/wire/hub/common";
import { TestHub } from "./test-hub.ts";

/** Sends a header and the beginning of a body, and gives all that comes back until the connection ends. */
async function answerTo(hub: TestHub, path: string): Promise<{ head: string; body: unknown }> {
  const socket = connect({ host: "127.0.0.1", port: hub.port }).setEncoding("utf8");
  let text = "";
  socket.on("data", (chunk: string) => (text += chunk));
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${hub.port}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"model":`,
  );
  await once(socket, "close");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { head, body: JSON.parse(body) };
}

test("a body that does not come is answered 408 in the client's own words, and the hub goes on", async () => {
  const log = new PassThrough().setEncoding("utf8");
  let lines = "";
  log.on("data", (chunk: string) => (lines += chunk));
  await using hub = await TestHub.start({ arrivalMs: 200, logStream: log });
  const [openai, mlflow, own] = await Promise.all([
    answerTo(hub, "/v1/chat/completions"),
    answerTo(hub, "/api/2.0/mlflow/runs/create"),
    answerTo(hub, "/models"),
  ]);
  for (const { head } of [openai, mlflow, own]) expect(head).toMatch(/^HTTP\/1\.1 408 /);
  expect(openaiError.parse(openai.body).error.code).toBe("request_timeout");
  expect(mlflowError.parse(mlflow.body).message).toContain("did not arrive within 0.2 s");
  expect(hubError.parse(own.body).error.code).toBe("request_timeout");
  expect((await hub.client.health()).status).toBe("ok");
  expect(lines).not.toMatch(/ERR_HTTP_HEADERS_SENT|unexpected error/);
});
