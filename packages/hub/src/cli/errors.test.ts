import { HearthApiError } from "@hearth/sdk";
import { expect, test } from "vitest";
import { HearthError } from "../errors.ts";
import { explain, Unsuccessful, UsageError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";

test("the hub's errors keep their code and details and get an exit code", () => {
  const failure = explain(new HearthApiError(404, "not_found", "no model triage", { closest: ["triage-2"] }));
  expect(failure).toMatchObject({
    exit: EXIT.refused,
    code: "not_found",
    message: "no model triage",
    details: { closest: ["triage-2"] },
  });
  expect(failure.fix).toContain("hearth models");
});

test("a code that this client does not know is unexpected and not lost", () => {
  expect(explain(new HearthApiError(500, "brand_new", "what?"))).toMatchObject({
    exit: EXIT.unexpected,
    code: "brand_new",
  });
});

test.each([
  [new UsageError("typed wrongly"), EXIT.usage],
  [new Unsuccessful("the gate refuses"), EXIT.unsuccessful],
  [new HearthError("configuration_invalid", "HEARTH_PORT is x"), EXIT.configuration],
  [new HearthError("resource_exhausted", "too big"), EXIT.exhausted],
  [new DOMException("stop", "AbortError"), EXIT.interrupted],
  [new Error("boom"), EXIT.unexpected],
])("%s ends with %d", (error, exit) => expect(explain(error).exit).toBe(exit));
