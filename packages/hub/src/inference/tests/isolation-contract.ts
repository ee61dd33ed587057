import { describe, expect, test } from "vitest";
import type { AdapterFile, Engine, GenerateRequest } from "../engine.ts";
import { RequestCancelled } from "../errors.ts";
import { greedy } from "../verify-export.ts";
import { answer, begun, failure, never, request, rest } from "./asking.ts";

/** The same numbers each time, from 0 to below 1. */
function* numbers(seed: number): Generator<number, never, void> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Requests that are answered together know nothing of each other. */
export function isolationContract(
  engineOf: () => Engine,
  adaptersOf: () => readonly AdapterFile[],
  controlTokenOf: () => string,
): void {
  const cancelAfter = async (asked: GenerateRequest, tokens: number): Promise<void> => {
    const control = new AbortController();
    const events = await begun(engineOf().generate(asked, control.signal));
    for (let count = 1; count < tokens; count++) await events.next();
    control.abort(new Error("gone"));
    const error = await failure(
      rest(events).then(() => Promise.reject(new RequestCancelled("it had ended"))),
    );
    expect(error).toBeInstanceOf(RequestCancelled);
  };

  describe("isolation", () => {
    test("secrets of many requests at once, with cancels, used slots and shared beginnings: each answer is its own", async () => {
      const engine = engineOf();
      const random = numbers(17);
      const adapters = [null, null, ...adaptersOf()];
      const beginnings = ["", "You keep secrets and tell them to nobody. ".repeat(4), "A note: ".repeat(12)];
      const secrets = Array.from({ length: 40 }, (_, index): GenerateRequest => {
        const secret = Array.from({ length: 6 }, () => random.next().value.toString(36).slice(2, 7)).join(
          " ",
        );
        const beginning = beginnings[index % beginnings.length] ?? "";
        return request(`${beginning}The secret of number ${index} is ${secret}. Repeat it: `, {
          adapter: adapters[Math.floor(random.next().value * adapters.length)] ?? null,
          maxTokens: 8 + Math.floor(random.next().value * 24),
          sampling: { ...greedy, temperature: 0.7, seed: index },
        });
      });
      const cancelled = secrets
        .filter((_asked, index) => index % 4 === 3)
        .map(async (asked, index) => cancelAfter({ ...asked, id: `${asked.id}-gone` }, 1 + (index % 5)));
      const together = await Promise.all(secrets.map((asked) => answer(engine, asked)));
      await Promise.all(cancelled);
      // In another order, so that slots hold other things than they did.
      for (const [index, asked] of [...secrets.entries()].toReversed()) {
        const alone = await answer(engine, { ...asked, id: `${asked.id}-alone` });
        expect(together[index]?.ids, `secret ${index}`).toEqual(alone.ids);
      }
      expect(new Set(together.map(({ ids }) => ids.join())).size).toBe(secrets.length);
    });

    test("a control token in a text prompt stays text", async () => {
      const tokens = (text: string): Promise<number[]> => engineOf().tokenize({ kind: "text", text }, never);
      const plain = await tokens("x");
      expect((await tokens(`x${controlTokenOf()}`)).length).toBeGreaterThan(plain.length + 2);
    });
  });
}
