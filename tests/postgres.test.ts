import { expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

const url = process.env["DATABASE_URL_TEST"];
if (url === undefined) console.info("postgres: skipped, DATABASE_URL_TEST is not set");

test.skipIf(url === undefined)("a hub on PostgreSQL serves and remembers", async () => {
  const name = `pg-${Date.now()}`;
  let home: string;
  {
    await using hub = await TestHub.start({ env: { DATABASE_URL: url ?? "" } });
    home = hub.home;
    await hub.addTinyModel(name);
    const answer = await hub.client.inference.run({ model_id: name, prompt: "abc", max_tokens: 3 });
    expect(await hub.client.traces.get(answer.trace_id)).toMatchObject({ model: name, completion_tokens: 3 });
    expect((await hub.client.health()).database).toBe("ok");
  }
  await using hub = await TestHub.start({ env: { DATABASE_URL: url ?? "" } });
  expect(hub.home).not.toBe(home);
  expect((await hub.client.models.get(name)).latest_version).toBe(1);
  await hub.client.models.remove(name);
});
