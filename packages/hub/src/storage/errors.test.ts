import { expect, test } from "vitest";
import { translateDriverError } from "./errors.ts";

test.each([
  "timeout exceeded when trying to connect",
  "Connection terminated unexpectedly",
  "Connection terminated",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
])('pg\'s "%s", which has no code, is an unreachable database', (message) => {
  expect(translateDriverError(new Error(message), "here")).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining(message),
  });
});

test.each([
  ["57P01", "unavailable"],
  ["08006", "unavailable"],
  ["53100", "resource_exhausted"],
  ["28P01", "configuration_invalid"],
  ["2201B", "invalid_request"],
])("PostgreSQL's state %s is %s", (state, code) => {
  expect(translateDriverError(Object.assign(new Error("no"), { code: state }), "here")).toMatchObject({
    code,
  });
});

test("a mistake in a query stays what it is", () => {
  const mistake = Object.assign(new Error("syntax error"), { code: "42601" });
  expect(translateDriverError(mistake, "here")).toBe(mistake);
});
