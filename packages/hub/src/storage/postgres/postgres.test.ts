import { sql } from "kysely";
import { expect, it } from "vitest";
import { openDatabase } from "../database.ts";
import { serverUrl } from "../tests/each-database.ts";
import { addExperiment } from "../tests/samples.ts";
import { openPostgres } from "./open.ts";

it("says what is wrong when the server cannot be reached, without the password", async () => {
  const failure = await openDatabase({
    kind: "postgres",
    url: "postgres://me:secret@127.0.0.1:1/hearth",
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "unavailable" });
  expect(String(failure)).toContain("127.0.0.1:1");
  expect(String(failure)).not.toContain("secret");
});

it("names a database that is not there", async ({ skip }) => {
  if (serverUrl === undefined) return skip("DATABASE_URL_TEST is not set");
  const url = new URL(serverUrl);
  url.pathname = "/nowhere";
  await expect(openDatabase({ kind: "postgres", url: url.href })).rejects.toMatchObject({
    code: "configuration_invalid",
    message: expect.stringContaining("nowhere"),
  });
});

it("fails what was running when the server ends its connections, and goes on with new ones", async ({
  skip,
}) => {
  if (serverUrl === undefined) return skip("DATABASE_URL_TEST is not set");
  await using database = openPostgres(serverUrl);
  await using other = openPostgres(serverUrl);
  const cut = async () => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.db);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other.db);
  };
  await expect(
    database.transaction(async (db) => {
      await cut();
      await addExperiment(db);
    }),
  ).rejects.toMatchObject({ code: "unavailable" });
  await expect(database.ping()).resolves.toBeUndefined();
});
