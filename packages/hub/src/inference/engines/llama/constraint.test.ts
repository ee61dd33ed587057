import type { LlamaGrammar, LlamaGrammarEvaluationState } from "node-llama-cpp";
import { expect, test } from "vitest";
import { InvalidRequest } from "../../errors.ts";
import { Constraints } from "./constraint.ts";

/** Counts what is compiled; the library's own part runs in the engine's tests. */
function counting(): { constraints: Constraints; compiled: string[] } {
  const compiled: string[] = [];
  const constraints = new Constraints({
    compile: (text) => {
      if (text === "wrong") return Promise.reject(new Error("unexpected end"));
      compiled.push(text);
      return Promise.resolve({} as LlamaGrammar);
    },
    begin: () => ({}) as LlamaGrammarEvaluationState,
  });
  return { constraints, compiled };
}

test("a grammar is compiled once, and each answer begins anew", async () => {
  const { constraints, compiled } = counting();
  const states = [await constraints.begin("a"), await constraints.begin("b"), await constraints.begin("a")];
  expect(compiled).toEqual(["a", "b"]);
  expect(new Set(states).size).toBe(3);
});

test("those used last are kept, by number and by size", async () => {
  const { constraints, compiled } = counting();
  for (let index = 0; index < 40; index++) {
    await constraints.begin(`grammar ${index}`);
    await constraints.begin("often");
  }
  expect(constraints.size).toBe(32);
  expect(compiled.filter((text) => text === "often")).toHaveLength(1);
  await constraints.begin("grammar 0");
  expect(compiled.at(-1)).toBe("grammar 0");
  await constraints.begin("x".repeat(9_000_000));
  expect(constraints.size).toBe(0);
});

test("what the engine cannot read is the request's fault, in its words", async () => {
  const { constraints } = counting();
  const refused = constraints.begin("wrong");
  await expect(refused).rejects.toBeInstanceOf(InvalidRequest);
  await expect(constraints.begin("wrong")).rejects.toThrow("unexpected end");
  expect(constraints.size).toBe(0);
});
