import fc from "fast-check";
import { expect, it } from "vitest";
import { HearthError } from "../../errors.ts";
import { offsetOf, pageToken } from "./page-token.ts";

it("tokens say where the page begins, in MLflow's form", () => {
  expect(Buffer.from(pageToken(200), "base64").toString()).toBe('{"offset": 200}');
  expect(offsetOf(undefined)).toBe(0);
  expect(offsetOf("")).toBe(0);
  fc.assert(fc.property(fc.maxSafeNat(), (offset) => offsetOf(pageToken(offset)) === offset));
});

it("what is no token is refused", () => {
  const forged = ['{"offset":-1}', '{"offset":1.5}', '{"offset":"1"}', "null", "[]", "{}", "{"].map((text) =>
    Buffer.from(text).toString("base64"),
  );
  for (const token of [...forged, "not base64!"]) expect(() => offsetOf(token)).toThrow("page token");
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (token) => {
      try {
        offsetOf(token);
      } catch (error) {
        expect(error).toBeInstanceOf(HearthError);
        expect(error).toMatchObject({ code: "invalid_request" });
      }
    }),
  );
});
