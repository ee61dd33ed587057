import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRandomModel } from "../bench/models/random-model.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub[Symbol.asyncDispose]());

async function mlflow(method: string, path: string, input: Record<string, unknown> = {}) {
  const query = Object.fromEntries(Object.entries(input).map(([key, value]) => [key, String(value)]));
  const response =
    method === "GET"
      ? await hub.fetch(`/api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`)
      : await hub.fetch(`/ajax-api/2.0/mlflow/${path}`, {
          method,
          headers: { "content-type": "application/json" },
          body: JSON.stringify(input),
        });
  return { status: response.status, body: await response.json() };
}

describe("one registry with two faces", () => {
  it("shows what MLflow's clients register, and says why it cannot serve it", async () => {
    await mlflow("POST", "registered-models/create", { name: "iris tree" });
    await mlflow("POST", "model-versions/create", { name: "iris tree", source: "s3://bucket/iris" });
    await mlflow("POST", "registered-models/alias", { name: "iris tree", alias: "champion", version: "1" });
    const model = await (await hub.fetch("/models/iris%20tree")).json();
    expect(model).toMatchObject({ task_type: "other", aliases: { champion: 1 }, latest_version: 1 });
    const answer = await hub.fetch("/inference", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model_id: "iris tree", prompt: "x" }),
    });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("no model file that an engine here could load");
    expect(JSON.stringify(await (await hub.fetch("/v1/models")).json())).not.toContain("iris");
    expect((await hub.fetch("/")).status).toBe(200);
  });

  it("shows the hub's versions to MLflow's clients, with files that they can download", async () => {
    const file = join(hub.home, "random.gguf");
    await makeRandomModel(file, { preset: "tiny", type: "Q8_0", seed: 1 });
    await hub.client.models.create({ name: "random", path: file });
    const { body } = await mlflow("GET", "model-versions/get", { name: "random", version: "1" });
    expect(body).toMatchObject({ model_version: { status: "READY", current_stage: "None" } });
    const uri = await mlflow("GET", "model-versions/get-download-uri", { name: "random", version: "1" });
    const place = /^mlflow-artifacts:\/(?<path>.+)"$/.exec(
      JSON.stringify(uri.body).slice('{"artifact_uri":"'.length, -1),
    )?.groups?.["path"];
    const listed = await hub.fetch(`/api/2.0/mlflow-artifacts/artifacts?path=${place}`);
    expect(await listed.json()).toMatchObject({ files: [{ is_dir: false }] });
    await hub.client.models.setAlias("random", "champion", 1);
    expect((await mlflow("GET", "registered-models/get", { name: "random" })).body).toMatchObject({
      registered_model: { aliases: [{ alias: "champion", version: "1" }] },
    });
    expect(await mlflow("DELETE", "registered-models/delete", { name: "random" })).toEqual({
      status: 200,
      body: {},
    });
    expect((await hub.fetch("/models/random")).status).toBe(404);
  });

  it("pages through a search, and streams a long one", async () => {
    await mlflow("POST", "registered-models/create", { name: "many" });
    await Promise.all(
      Array.from({ length: 600 }, () =>
        mlflow("POST", "model-versions/create", { name: "many", source: "s3://bucket/x" }),
      ),
    );
    const filter = "name = 'many'";
    const all = await mlflow("GET", "model-versions/search", { filter });
    expect(numbers(all.body)).toEqual(new Set(Array.from({ length: 600 }, (_, index) => `${index + 1}`)));
    expect(all.body).not.toHaveProperty("next_page_token");
    const first = await mlflow("GET", "model-versions/search", { filter, max_results: 500 });
    const { next_page_token: token } = first.body as { next_page_token: string };
    const rest = await mlflow("GET", "model-versions/search", {
      filter,
      max_results: 500,
      page_token: token,
    });
    expect(new Set([...numbers(first.body), ...numbers(rest.body)]).size).toBe(600);
    expect(numbers(rest.body).size).toBe(100);
  });
});

function numbers(body: unknown): Set<string> {
  const { model_versions: versions } = body as { model_versions: { version: string }[] };
  return new Set(versions.map(({ version }) => version));
}
