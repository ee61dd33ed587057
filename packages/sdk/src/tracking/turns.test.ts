import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("at most so many at once, in order, and a failure frees its turn", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const calls = gates.map((gate, at) =>
    turns.run(() => {
      begun.push(at);
      return gate.promise;
    }),
  );
  expect(begun).toEqual([0, 1]);
  gates[1]?.reject(new Error("broken"));
  await expect(calls[1]).rejects.toThrow("broken");
  expect(begun).toEqual([0, 1, 2]);
  for (const at of [0, 2, 3, 4]) gates[at]?.resolve(at);
  expect(await Promise.all([calls[0], calls[2], calls[3], calls[4]])).toEqual([0, 2, 3, 4]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});
