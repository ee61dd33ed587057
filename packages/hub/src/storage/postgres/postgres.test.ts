import { expect, it } from "vitest";
import { openDatabase } from "../database.ts";

it("says what is wrong when the server cannot be reached, without the password", async () => {
  const failure = await openDatabase({
    kind: "postgres",
    url: "postgres://me:secret@127.0.0.1:1/hearth",
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "unavailable" });
  expect(String(failure)).toContain("127.0.0.1:1");
  expect(String(failure)).not.toContain("secret");
});
