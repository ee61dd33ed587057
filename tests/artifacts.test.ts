import { randomBytes } from "node:crypto";
import { readdir, symlink, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
let tree: string;
beforeAll(async () => {
  hub = await TestHub.start();
  tree = `${hub.url}/api/2.0/mlflow-artifacts/artifacts`;
});
afterAll(() => hub[Symbol.asyncDispose]());

const content = randomBytes(3_000_000);

async function put(path: string, body: Uint8Array = content): Promise<void> {
  const response = await fetch(`${tree}/${path}`, { method: "PUT", body: Buffer.from(body) });
  expect(await response.json()).toEqual({});
}

describe("artifacts over HTTP", () => {
  it("come back as they were sent, as attachments that nothing guesses the kind of", async () => {
    await put("1/run/artifacts/w%C3%ABights.bin");
    const response = await fetch(`${tree}/1/run/artifacts/w%C3%ABights.bin`);
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-disposition": "attachment; filename=weights.bin; filename*=UTF-8''w%C3%ABights.bin",
      "content-length": "3000000",
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
    });
    const list = await fetch(`${tree}?path=1/run/artifacts`);
    expect(await list.json()).toEqual({
      files: [{ path: "wëights.bin", is_dir: false, file_size: 3_000_000 }],
    });
  });

  it("come in ranges, or not at all when the client has them", async () => {
    await put("ranges/f.bin");
    const get = async (headers: Record<string, string>, method = "GET") =>
      await fetch(`${tree}/ranges/f.bin`, { method, headers });
    const part = await get({ range: "bytes=1000000-1999999" });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe("bytes 1000000-1999999/3000000");
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(1_000_000, 2_000_000))).toBe(true);
    const etag = part.headers.get("etag") ?? "";
    const again = await get({ "if-none-match": etag });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await get({ range: "bytes=0-9", "if-range": etag })).status).toBe(206);
    expect((await get({ range: "bytes=0-9", "if-range": '"another"' })).status).toBe(200);
    const beyond = await get({ range: "bytes=3000000-" });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */3000000"]);
    const head = await get({}, "HEAD");
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "3000000"]);
    await put("ranges/f.bin", content.subarray(1));
    expect((await get({ "if-none-match": etag })).status).toBe(200);
  });

  it.each([
    "../../x",
    "%2e%2e/%2e%2e/x",
    "%252e%252e/x",
    "1/..%2f..%2fx",
    "1/..%5cx",
    "a%00b",
    "%2Fetc/passwd",
    "C%3A%2Fx",
  ])("refuses the path %s in every way", async (path) => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { status, body } = await raw(method, `/api/2.0/mlflow-artifacts/artifacts/${path}`);
      expect([method, status]).toEqual([method, 400]);
      expect(JSON.parse(body)).toMatchObject({ error_code: "INVALID_PARAMETER_VALUE" });
    }
    const { status } = await raw("GET", `/ajax-api/2.0/mlflow-artifacts/artifacts?path=${path}`);
    expect(status).toBe(400);
  });

  it("are not read through a link out of their folder", async () => {
    await put("links/x");
    await writeFile(join(hub.home, "secret"), "secret");
    await symlink(hub.home, join(hub.home, "artifacts", "links", "home"));
    const response = await fetch(`${tree}/links/home/secret`);
    expect(response.status).toBe(400);
  });

  it("leave nothing behind when the sender goes away, and the hub goes on", async () => {
    await put("torn/f", content.subarray(0, 10));
    for (let index = 0; index < 12; index += 1) {
      await expect(tornUpload(`/api/2.0/mlflow-artifacts/artifacts/torn/f`)).rejects.toThrow("torn");
    }
    await expect.poll(() => readdir(join(hub.home, "incoming"))).toEqual([]);
    expect(await failures()).toEqual([]);
    const kept = await fetch(`${tree}/torn/f`);
    expect(Buffer.from(await kept.arrayBuffer()).equals(content.subarray(0, 10))).toBe(true);
  });

  it("may be read by clients that go away", async () => {
    await put("gone/f");
    for (let index = 0; index < 12; index += 1) {
      const response = await ask("GET", "/api/2.0/mlflow-artifacts/artifacts/gone/f");
      response.destroy();
    }
    const whole = await fetch(`${tree}/gone/f`);
    expect((await whole.arrayBuffer()).byteLength).toBe(3_000_000);
    expect(await failures()).toEqual([]);
  });

  it("are listed and read through their run and their logged model", async () => {
    const api = `${hub.url}/api/2.0/mlflow`;
    const post = async (path: string, body: object) =>
      (await (
        await fetch(`${api}/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        })
      ).json()) as {
        run: { info: { run_id: string; artifact_uri: string } };
        model: { info: { model_id: string } };
      };
    const { run } = await post("runs/create", { experiment_id: "0" });
    const place = run.info.artifact_uri.replace("mlflow-artifacts:/", "");
    await put(`${place}/model/MLmodel`, Buffer.from("flavors: {}"));
    const list = await fetch(`${api}/artifacts/list?run_id=${run.info.run_id}&path=model`);
    expect(await list.json()).toEqual({
      root_uri: run.info.artifact_uri,
      files: [{ path: "model/MLmodel", is_dir: false, file_size: 11 }],
    });
    const file = await fetch(`${hub.url}/get-artifact?run_uuid=${run.info.run_id}&path=model/MLmodel`);
    expect([file.headers.get("content-type"), await file.text()]).toEqual(["text/plain", "flavors: {}"]);

    const { model } = await post("logged-models", { experiment_id: "0", name: "net" });
    const id = model.info.model_id;
    await put(`0/models/${id}/artifacts/MLmodel`, Buffer.from("x"));
    const files = await fetch(`${api}/logged-models/${id}/artifacts/directories`);
    expect(await files.json()).toMatchObject({ files: [{ path: "MLmodel", is_dir: false, file_size: 1 }] });
    const text = await fetch(
      `${hub.url}/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files?artifact_file_path=MLmodel`,
    );
    expect(await text.text()).toBe("x");
  });
});

/** What the hub counts as its own failures. */
async function failures(): Promise<string[]> {
  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  return metrics.split("\n").filter((line) => /^\w+http_requests_total\{.*status="5\d\d"/.test(line));
}

/** `fetch` would tidy the path up. */
function ask(method: string, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ port: hub.port, host: "127.0.0.1", method, path }, resolve).on("error", reject).end();
  });
}

async function raw(method: string, path: string): Promise<{ status: number; body: string }> {
  const response = await ask(method, path);
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

/** Announces 50 MB, sends a few, and tears the connection. */
function tornUpload(path: string): Promise<never> {
  return new Promise((_, reject) => {
    const sender = request({
      port: hub.port,
      host: "127.0.0.1",
      method: "PUT",
      path,
      headers: { "content-length": 50_000_000 },
    });
    sender.on("error", reject);
    const source = Readable.from([content, content]);
    source.pipe(sender, { end: false });
    source.on("end", () => sender.destroy(new Error("torn")));
  });
}
